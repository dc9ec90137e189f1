"""Side by side in the stacks that people have: the same retriever, with and without something that cuts what it finds.

    python -m eval.stacks FOLDER_OF_SETS [--sample 20] [--budgets 1000,2000,4000]

Every method of a stack is given the same 50 chunks of a document, by the same embeddings, and held to the same budget.
"""
