//! What would be written where, and what was written, without any value.

use std::collections::BTreeSet;
use std::path::Path;

use crate::command::auth::import::proposal::Proposal;
use crate::command::auth::import::proposal::Verdict;
use crate::command::auth::import::source::Source;
use crate::command::auth::outcome::place;
use crate::command::auth::request::Target;
use crate::config::EnvName;
use crate::files::Change;
use crate::report;
use crate::report::Row;
use crate::report::Style;
use crate::report::Tone;

/// What would happen to each key of each file.
pub(super) fn plan(
    sources: &[Source],
    proposals: &[Proposal<'_>],
    target: &Target<'_>,
    folder: &Path,
    style: Style,
) -> String {
    let mut text = String::new();
    for (index, source) in sources.iter().enumerate() {
        let of_source = proposals.iter().filter(|proposal| proposal.source == index);
        let rows: Vec<Row> = of_source.map(|proposal| row(proposal, target, folder)).collect();
        let nothing = if rows.is_empty() { ", without a key" } else { "" };
        let head = format!("{} ({}){nothing}", source.path.to_string_lossy(), source.kind);
        text.push_str(&report::paragraph(&head, style));
        text.push_str(&report::table(&rows, style));
        text.push('\n');
    }
    for hint in hints(proposals) {
        text.push_str(&report::paragraph(&format!("hint: {hint}"), style));
    }
    text
}

fn row(proposal: &Proposal<'_>, target: &Target<'_>, folder: &Path) -> Row {
    let key = proposal.provider.and_then(|provider| provider.key_env()).map_or("", EnvName::as_str);
    let id = proposal.provider.map_or("-", |provider| &*provider.id);
    let (tone, text) = match &proposal.verdict {
        Verdict::Write { changes, replaces } => {
            let file = changes.first().map(|change| folder.join(&change.file));
            let file = file.unwrap_or_default();
            let replaces = if *replaces { "; replaces the key that is there" } else { "" };
            let place = place(target.names());
            (Tone::Good, format!("becomes {key} in {place}, {}{replaces}", file.to_string_lossy()))
        }
        Verdict::HasKey => (Tone::Plain, format!("kept: {key} is there already")),
        Verdict::Ignored => (Tone::Plain, "kept: it is ignored there".to_owned()),
        Verdict::Not(why) => (Tone::Doubtful, format!("not imported: {why}")),
        Verdict::NoProvider(what) => {
            (Tone::Doubtful, format!("not imported: no provider for {what}"))
        }
    };
    let heads = vec![(format!("  {}", proposal.name), Tone::Plain), (id.to_owned(), tone)];
    Row { heads, text, hint: None }
}

/// What to do about keys that stay out.
fn hints(proposals: &[Proposal<'_>]) -> Vec<&'static str> {
    let mut hints = Vec::new();
    let is_kept = |one: &Proposal<'_>| matches!(one.verdict, Verdict::HasKey | Verdict::Ignored);
    if proposals.iter().any(is_kept) {
        hints.push("--replace writes those that are kept, too");
    }
    let is_at = |one: &Proposal<'_>| matches!(&one.verdict, Verdict::NoProvider(what) if what.contains("://"));
    if proposals.iter().any(is_at) {
        hints.push(
            "add a provider for that address to exec.toml, then import again: [providers.ID] with label, base_url, key_env and model",
        );
    }
    hints
}

/// What was written.
pub(super) fn done(changes: &[Change], count: usize, target: &Target<'_>, folder: &Path) -> String {
    let files: BTreeSet<String> =
        changes.iter().map(|change| report::path(&folder.join(&change.file))).collect();
    let files: Vec<String> = files.into_iter().collect();
    let place = place(target.names());
    let are = if count == 1 { "is" } else { "are" };
    format!("{} {are} set in {place}, {}\n", keys(count), files.join(", "))
}

/// So many keys, in words.
pub(super) fn keys(count: usize) -> String {
    if count == 1 { "1 key".to_owned() } else { format!("{count} keys") }
}
