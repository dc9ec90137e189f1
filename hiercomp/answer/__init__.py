"""A reader's answer: its marks, its claims, and the check of its citations against the documents."""
