//! What doctor found: one line each, for people or as JSON.

use std::borrow::Cow;
use std::path::Path;

use serde::Serialize;

use crate::config;
use crate::error::Error;
use crate::files;
use crate::report;
use crate::report::Row;
use crate::report::Style;
use crate::report::Tone;
use crate::warning::Warning;

/// The status of a thing that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// As it should be.
    Ok,
    /// It works, but may not be intended.
    Warn,
    /// A launch would fail.
    Fail,
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// What it belongs to.
    pub check: &'static str,
    /// Its status.
    pub status: Status,
    /// The description.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// All that was found, in the order in which a launch meets it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Findings(pub(super) Vec<Finding>);

impl Findings {
    pub(super) fn add(
        &mut self,
        check: &'static str,
        status: Status,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let (message, remedy) = (message.into(), remedy.into());
        // Several checks may report the same broken file, which is one thing to fix.
        if self.0.iter().any(|one| one.status == status && one.message == message) {
            return;
        }
        let remedy = if remedy.is_empty() { None } else { Some(remedy) };
        self.0.push(Finding { check, status, message, remedy });
    }

    pub(super) fn ok(&mut self, check: &'static str, message: impl Into<String>) {
        let message = message.into();
        self.0.push(Finding { check, status: Status::Ok, message, remedy: None });
    }

    /// Puts one finding in the place of all that are as they should be from an index on, if these
    /// are more than `most`.
    pub(super) fn sum_up(&mut self, from: usize, most: usize, words: impl Fn(usize) -> String) {
        let is_fine = |one: &Finding| one.status == Status::Ok;
        let mut later = self.0.split_off(from);
        let count = later.iter().filter(|one| is_fine(one)).count();
        if count > most
            && let Some(Finding { check, .. }) = later.iter().find(|one| is_fine(one))
        {
            self.ok(check, words(count));
            later.retain(|one| !is_fine(one));
        }
        self.0.append(&mut later);
    }

    /// Adds an error that would stop a launch. Each separate problem becomes a finding.
    pub(crate) fn error(&mut self, check: &'static str, error: &Error) {
        for line in error.lines() {
            self.add(check, Status::Fail, line, remedy(error));
        }
    }

    pub(super) fn warning(&mut self, check: &'static str, warning: &Warning) {
        self.add(check, Status::Warn, warning.to_string(), warning.hint());
    }

    /// The exit status: 1 if something fails.
    pub(crate) fn status(&self) -> u8 {
        u8::from(self.0.iter().any(|finding| finding.status == Status::Fail))
    }

    /// The report, as JSON or as a table.
    pub(crate) fn report(&self, json: bool, style: Style) -> String {
        if json {
            // Serialising a structure of strings cannot fail.
            return serde_json::to_string(&self.0).unwrap_or_default() + "\n";
        }
        let mut rows = Vec::new();
        let (mut errors, mut warnings) = (0, 0);
        for finding in &self.0 {
            let (word, tone) = match finding.status {
                Status::Ok => ("ok", Tone::Good),
                Status::Warn => ("warn", Tone::Doubtful),
                Status::Fail => ("FAIL", Tone::Bad),
            };
            errors += usize::from(finding.status == Status::Fail);
            warnings += usize::from(finding.status == Status::Warn);
            let heads = vec![(word.to_owned(), tone), (finding.check.to_owned(), Tone::Plain)];
            rows.push(Row { heads, text: finding.message.clone(), hint: finding.remedy.clone() });
        }
        format!("{}\n{}\n", report::table(&rows, style), summary(errors, warnings))
    }
}

/// `No errors, 2 warnings.`
fn summary(errors: usize, warnings: usize) -> String {
    let counted = |count: usize, word: &str| match count {
        0 => format!("no {word}s"),
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    };
    match (errors, warnings) {
        (0, 0) => "No errors.".to_owned(),
        (0, warnings) => format!("No errors, {}.", counted(warnings, "warning")),
        (errors, warnings) => {
            format!("{}, {}.", counted(errors, "error"), counted(warnings, "warning"))
        }
    }
}

/// What to do about an error, for errors that have no hint of their own.
pub(super) fn remedy(error: &Error) -> String {
    error.hint().unwrap_or_else(|| match error {
        Error::Config(config::Error::Names(offences))
            if offences.iter().all(|offence| offence.problem.is_of_a_name()) =>
        {
            "rename or remove it".to_owned()
        }
        // The message says what is expected, and where.
        Error::Config(_) => String::new(),
        Error::Files(files::Error::NotUtf8 { .. }) => "save the file as UTF-8".to_owned(),
        Error::Files(
            files::Error::Unreadable { .. }
            | files::Error::NotRegular { .. }
            | files::Error::TooLarge { .. },
        ) => "put a plain text file there, or remove it".to_owned(),
        Error::Scope(_) | Error::Choice(_) | Error::Workspace(_) => "name one of these".to_owned(),
        _ => "see jackin-exec(1)".to_owned(),
    })
}

/// A path, as shown to people.
pub(super) fn shown(path: &Path) -> Cow<'_, str> {
    path.to_string_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_warnings_are_counted_in_words() {
        for (errors, warnings, words) in [
            (0, 0, "No errors."),
            (0, 1, "No errors, 1 warning."),
            (0, 2, "No errors, 2 warnings."),
            (1, 0, "1 error, no warnings."),
            (3, 1, "3 errors, 1 warning."),
        ] {
            assert_eq!(summary(errors, warnings), words);
        }
    }

    #[test]
    fn what_several_checks_find_is_reported_once() {
        let mut findings = Findings::default();
        findings.add("config", Status::Fail, "broken", "fix it");
        findings.add("scope", Status::Fail, "broken", "fix it");
        findings.add("scope", Status::Warn, "broken", "fix it");
        findings.ok("config", "fine");
        findings.ok("scope", "fine");
        assert_eq!(findings.0.len(), 4);
        assert_eq!(findings.status(), 1);
    }
}
