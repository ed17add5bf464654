"""People as officers see them: who has an account, what they may do, for whom and until when."""
