"""What answers say: scores with intervals, weights for the silent, drivers, needs, themes. Frames in, figures out.

    from troth.value.voice import drivers, kano, marks, scores, silence, texts

    scores.score("nps", [9, 10, 3])                               # NPS, CSAT or CES with its interval
    silence.rake(answers, margins)                                # weights that let answers stand for all asked
    drivers.drivers(answers, outcome="csat", scales=scales)       # what satisfaction depends on
    kano.feature("delivery", pairs)                               # what a feature is to customers
    marks.rated(answers, parts=["product", "money"])              # delivered value, beside competitors
    texts.keywords(comments)                                      # what they write of

Each part is imported by its own name: who needs but the bands of a score does not wait for the others.
"""

__all__ = ["bands", "drivers", "kano", "lexicon", "marks", "scores", "silence", "texts"]
