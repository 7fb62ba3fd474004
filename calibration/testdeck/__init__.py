"""The test deck: prints an election's ballots and simulates marked, stamped, worn and scanned sheets.

It knows what it drew and nothing of the reader: no module here imports `recognition`, and no
constant here was taken from it. Truth is what the simulated voter and official did, never what
a reader makes of it.

    elections  made-up elections                    voters    what a voter does
    designs    print houses                         pens, marks, handwriting, stamps   ink on paper
    printing   blank PDFs and where the fields are  wear      what happens to the paper
    locator    fields of someone else's blank       scanning, encoding   what the scanner makes of it
    deck       all of it together, with presets     sample    the folder ``sample_scans``
"""
