"""evalapp: people, surveys, training, panel, analysis, report.

People answer surveys, go through training, become a panel; the panel is analysed; the analysis becomes a report; the report is
read. Each word is a package, in that order, and a package knows only the ones before it:

    app       wires everything
    web, cli  the two edges: translate a request, open one transaction, call a verb, answer
    reports   stored results turned into a document
    analysis  questions put to the panel: plans, runs, stored result rows
    panel     entrepreneur by wave: variables, build, freeze
    training  cohorts, sessions, attendance
    surveys   instruments, waves, submissions, answers
    people    programmes, entrepreneurs, enterprises, consent
    charts    results in, SVG out (pure)
    stats     arrays in, frozen results out (pure; importable from a notebook)
    xform     XLSForm workbook in, form that can be filled in out (pure)
    core      database, errors, identifiers, languages, clock, tables read from files
"""
