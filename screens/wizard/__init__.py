"""The wizard: pages of questions, review, export; on top of the app that shows a run."""
