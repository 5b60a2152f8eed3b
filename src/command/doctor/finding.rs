//! What doctor found: one line each, for people or as JSON.

use std::borrow::Cow;
use std::fmt::Write as _;

use std::path::Path;

use nix::errno::Errno;
use serde::Serialize;

use crate::config;
use crate::error::Error;
use crate::error::Warning;
use crate::files;
use crate::report;
use crate::report::Row;
use crate::report::Style;
use crate::report::Tone;

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// It works, but may not be meant.
    Warn,
    /// A launch would fail.
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it belongs to.
    pub check: &'static str,
    /// How it is.
    pub status: Status,
    /// In words.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// All that was found, in the order in which a launch meets it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings(pub(super) Vec<Finding>);

impl Findings {
    pub(super) fn add(
        &mut self,
        check: &'static str,
        status: Status,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let (message, remedy) = (message.into(), remedy.into());
        let remedy = Some(remedy).filter(|remedy| !remedy.is_empty());
        let finding = Finding { check, status, message, remedy };
        // A broken file is met by several checks, and is one thing to mend.
        let known = |one: &Finding| one.status == status && one.message == finding.message;
        if status == Status::Ok || !self.0.iter().any(known) {
            self.0.push(finding);
        }
    }

    pub(super) fn ok(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(check, Status::Ok, message, "");
    }

    /// Something that a launch would not get past. Each line of an error is a finding.
    pub fn error(&mut self, check: &'static str, error: &Error) {
        let text = error.to_string();
        for line in text.lines() {
            self.add(check, Status::Fail, line.trim_start_matches("jackin-exec: "), remedy(error));
        }
    }

    pub(super) fn warning(&mut self, check: &'static str, warning: &Warning) {
        // In one line a warning ends with what to do; here that stands below it.
        let text = warning.to_string();
        let message = text.split(": chmod").next().unwrap_or_default();
        self.add(check, Status::Warn, message, warning.hint());
    }

    /// The exit status: 1 if something fails.
    pub fn status(&self) -> u8 {
        u8::from(self.0.iter().any(|finding| finding.status == Status::Fail))
    }

    /// For programs, or as a table.
    pub fn report(&self, json: bool, style: Style) -> String {
        if json {
            // A structure of strings cannot fail to be JSON.
            return serde_json::to_string(&self.0).unwrap_or_default() + "\n";
        }
        let row = |finding: &Finding| {
            let (word, tone) = match finding.status {
                Status::Ok => ("ok", Tone::Good),
                Status::Warn => ("warn", Tone::Doubtful),
                Status::Fail => ("FAIL", Tone::Bad),
            };
            let heads = vec![(word.to_owned(), tone), (finding.check.to_owned(), Tone::Plain)];
            Row { heads, text: finding.message.clone(), hint: finding.remedy.clone() }
        };
        let mut text = report::table(&self.0.iter().map(row).collect::<Vec<_>>(), style);
        let count = |status| self.0.iter().filter(|finding| finding.status == status).count();
        let (fails, warns) = (count(Status::Fail), count(Status::Warn));
        // Writing to a string cannot fail.
        let _ = match (fails, warns) {
            (0, 0) => writeln!(text, "\nNothing is wrong."),
            (0, warns) => writeln!(text, "\nNothing fails; {warns} to look at."),
            (fails, 0) => writeln!(text, "\n{fails} to mend."),
            (fails, warns) => writeln!(text, "\n{fails} to mend, {warns} to look at."),
        };
        text
    }
}

/// What to do about an error where it says nothing itself.
pub(super) fn remedy(error: &Error) -> String {
    error.hint().unwrap_or_else(|| match error {
        Error::Config(config::Error::Wrong(_)) | Error::Files(files::Error::NotUtf8 { .. }) => {
            "correct the file at that line".to_owned()
        }
        Error::Config(config::Error::Names(_)) => "rename or remove it".to_owned(),
        Error::Files(files::Error::Unreadable { errno: Errno::EACCES, path }) => {
            format!("make it readable for you: {}", path.display())
        }
        Error::Files(
            files::Error::Unreadable { .. }
            | files::Error::NotRegular { .. }
            | files::Error::TooLarge { .. },
        ) => "put a plain text file there, or remove it".to_owned(),
        Error::Files(files::Error::Changing { .. }) => "try again when jackin has saved".to_owned(),
        Error::RoleNotAllowed { .. }
        | Error::Unknown { .. }
        | Error::Workspace(crate::workspace::Error::Unknown { .. })
        | Error::NotAllowed { .. } => "name one of these".to_owned(),
        _ => "see jackin-exec(1)".to_owned(),
    })
}

/// A path for people.
pub(super) fn shown(path: &Path) -> Cow<'_, str> {
    path.to_string_lossy()
}
