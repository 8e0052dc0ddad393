"""The addresses of the API, one file a kind of thing: its schemas beside `*_schemas`, its endpoints here."""
