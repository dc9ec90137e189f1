"""Nodes that a question finds, one module a retriever."""
