"""What a provider does not see: values that a project's rules find are placeholders in what is sent, and are put back
in what comes.

    finders/     what looks like an address, a number, a name: one kind a file
    rules        a project's rules, ready to be used
    placeholders what stands for which value in one execution
    sending      which texts of a request are masked
    restoring    an answer, as it comes in pieces
    looking_up   the rules that hold for a project, remembered for seconds
    editing      how they are set
"""
