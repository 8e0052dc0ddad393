"""The care calendar: what will go to whom on each day, beside the festivals.

`queries.month` fills a month from the registered sources; each source counts by set queries and finds the people
behind a number.
"""
