"""Playbooks that tests write."""

import json


def playbook(*entries, documents=None):
    """Write a playbook as TOML. An entry is its name and its phrases; its one need has the name in it."""
    tables = [
        f"[[entry]]\nname = {json.dumps(name)}\nasked = {json.dumps(phrases)}\n"
        f'needs = ["the rows of {name.lower()} in the statements"]\nsource = "a textbook"\n'
        for name, phrases in entries
    ]
    if documents:
        words, least = documents
        tables.append(f"[documents]\nwords = {json.dumps(words)}\nleast = {least}\nshare = 0.1\n")
    return "\n".join(tables)
