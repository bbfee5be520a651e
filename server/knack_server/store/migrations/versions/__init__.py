"""One module a step, in the order of their revisions; a step that has been released is never changed."""
