"""How the encoder that Koujing ships was taught to hear customers: data, training, validation, export.

`python -m training --help` is the door. Nothing here runs when questions are answered.
"""
