"""Version 1 of the API, which widgets, spreadsheets and old links still call: its own shapes over the same queries."""
