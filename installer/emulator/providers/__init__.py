"""Resource providers: what each of them refuses, which members it computes, and how long its operations take."""
