"""Public sets of questions, each as a base and cases: intents, passages in other languages, statutes.

The files are read where they lie, in the folder of development data; none of them is part of the project. Who trains
an encoder on half of them (`eval.public.files.untouched` says which) finds its questions in the other half here.
"""
