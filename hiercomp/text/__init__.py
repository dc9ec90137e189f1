"""The words of documents and questions: sentences, passages, tables, terms."""
