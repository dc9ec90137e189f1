"""Compare ways to cut retrieved text in the frameworks that people use, with the same retriever.

    python -m eval.stacks FOLDER_OF_SETS [--sample 20] [--budgets 1000,2000,4000]

Every method of a framework gets the same 50 chunks of a document, found by the same embeddings, and the same budget.
`eval.stacks.order` measures how much the order of the chunks should count.
"""
