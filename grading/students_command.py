"""The command `grading students`: shows the class list, or takes one in from a table."""

from pathlib import Path

import click

from grading.command import attempt, fail, json_option, places_of, print_json, wait_option


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only show what the table says; write nothing.")
@json_option
@wait_option
@click.pass_context
def students(ctx: click.Context, file: Path | None, dry_run: bool, as_json: bool, wait: float) -> None:
    """Show the class list, or take it in from a CSV table.

    Its columns are id, first_name, last_name and email; only id must be filled. Doing it again updates the
    list by the cells that have an entry; nobody is taken out.

    Example: grading students class.csv
    """
    from grading.class_list import ClassListError, class_of, import_class_list, read_class_list
    from grading.console import say, show_people

    places = places_of(ctx)
    if file is None:
        people = attempt(lambda: class_of(places))
        if as_json:
            print_json([one.__dict__ for one in people.values()])
        else:
            show_people("Class list", people.values())
        return
    try:
        listed = read_class_list(file)
    except ClassListError as error:
        fail(str(error))
    done = None if dry_run else attempt(lambda: import_class_list(places, listed, wait))
    if as_json:
        print_json(
            {"people": [one.__dict__ for one in listed.people.values()], "done": done and done.__dict__}
        )
        return
    show_people(str(file), listed.people.values())
    if listed.unused:
        say(f"Not used: {', '.join(listed.unused)}.")
    if listed.doubtful:
        say("The file is not in UTF-8: are all letters of the names right? If not, save it as CSV UTF-8.")
    if done is None:
        say("Nothing was written: this was a dry run.")
        return
    say(f"{len(done.new)} new, {len(done.changed)} changed, {len(done.same)} as before.")
    if done.left:
        say(f"In the gradebook, not in the file: {', '.join(done.left)}. To take one out: grading forget ID")
