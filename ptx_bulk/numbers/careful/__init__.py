"""The careful way: one cell at a time, in every writing that the policy knows, judged by phonenumbers."""
