"""Analysis of text: sentences and passages, search terms, tables, and questions."""
