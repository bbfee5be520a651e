"""The proof: what is promised before a run and revealed after it, so that anybody can check a score."""
