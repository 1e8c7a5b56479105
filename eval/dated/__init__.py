"""Questions asked on the day a rule changed, the day before and weeks later: does the version of that day answer?

The questions were written from what really changed between versions of published documents:

- `basecamp.jsonl`: company policies of Basecamp and 37signals, 2018 to 2023, github.com/basecamp/policies at
  d39f6f17, CC BY 4.0, one file a version (`privacy__index__2020-04-08_f90388f.md`). Where a day has
  several files, only what all of them say is asked for that day: which of them was the last is not known. The
  quotations in it are from there.
- `laws.jsonl`: laws, regulations and judicial interpretations of China in two or three versions
  (`经济法__反垄断法(2022-06-24).md`), from github.com/LawRefBook/Laws at 2f4c5c23, public domain. The day is the one
  from which the law itself applied.

A row is an evaluation case (`eval.suites`) with what makes it a dated one: `transition`, the change it was written
for; `family`, the document; `when`: before, at or after the change, or not_in_force for a day on which nothing of
the document was in force yet, with `about`, a key of the document.
"""
