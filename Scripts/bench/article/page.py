"""The page of the article's rows."""

from bench.article.verdict import machine


def page(results, options):
    lines = [
        "# The article's systems, measured",
        "",
        f"Made by `{options.command_line}` on {machine()}.",
        "Each verdict is computed by the rule of its row from Spawnscope's own output, in every one of"
        f" {'1 round (quick)' if options.quick else '5 interleaved rounds'}; where the rounds disagree it is `undecided`."
        " Counts and ratios hold on other machines, times on this one only.",
        "",
        "| row | claim | verdict | figure |",
        "|---|---|---|---|",
    ]
    for result in results:
        lines.append(f"| {result['row']} | {result['claim']} | **{result['verdict']}** | {result['figure']} |")
    for result in results:
        lines += ["", f"## Row {result['row']}: {result['claim']}", "", f"Rule: {result['rule']}", ""]
        if "failure" in result:
            lines += [f"Failed: {result['failure']}", ""]
        if "reason" in result:
            lines += [f"Undecided: {result['reason']}.", ""]
        lines.append(f"**{result['verdict']}**: {result['figure']}. {result.get('explanation', '')}".rstrip())
        for picture in result.get("pictures", []):
            lines += ["", f"![{picture['text']}]({picture['name']})"]
        for evidence in result.get("evidence", []):
            lines += ["", f"    $ {evidence['command']}"] + [f"    {line}" for line in evidence["lines"]]
    return "\n".join(lines) + "\n"
