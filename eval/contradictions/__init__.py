"""How well contradictions between clauses are found: a set of pairs with known answers, and alarms on real folders.

`pairs.jsonl`, one pair a row: two clauses as two departments would write them, and whether both can be followed at once.

    id, split        "dev" may be looked at while the finder is written; of "held_out" only figures are given
    contradiction    whether they contradict each other
    kind             what was changed (deadline, duty, …), or why they do not contradict (role, stage, product, …)
    wording          near: but for a few words the same; light: said much alike; reworded: written anew by another
                     department; other: in another language
    languages        of both sides
    points           the points they part on, as `assistant.contradictions.Point` names them
    a, b             title, text, language, authority; label, scope, effective_from and effective_to where they have one;
                     of table rows, question-and-answer pairs and sections `clause` says so, `context` has the header
    same_document    both stand in one document
    words            of near pairs: the words that differ, in a and in b
    source           where a and b come from: "edited" is a with other words, "written" was written for this set

The sources may be part of the project: laws (public domain in China), desk documents written for Koujing, the sample
corpus, 37signals' policies (basecamp/policies, CC BY 4.0), GitHub's (github/site-policy, CC0) and tau2-bench's (MIT).
"""
