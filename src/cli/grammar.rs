//! Our options and subcommands as a table for the scanner: the definition's names without its
//! texts, so that a launch need not build the definition. A test compares the two.

/// One of our options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// `--provider`
    Provider,
    /// `--workspace`
    Workspace,
    /// `--no-workspace`
    NoWorkspace,
    /// `--role`
    Role,
    /// `--config-dir`
    ConfigDir,
    /// `--json`
    Json,
    /// `--debug`
    Debug,
    /// `--quiet`
    Quiet,
    /// `--model`
    Model,
    /// `--pass-keys`
    PassKeys,
    /// `--allow-foreign-env`
    AllowForeignEnv,
    /// `--on-demand`
    OnDemand,
    /// `--title`
    Title,
    /// `--dry-run`
    DryRun,
    /// `--online`
    Online,
    /// `--all`
    All,
    /// `--help`
    Help,
    /// `--version`
    Version,
    /// An option of a subcommand that changes a key.
    OfAuth(&'static str),
}

/// How an option is spelt, and whether it has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spelling {
    /// Which option it is.
    pub name: Name,
    /// Its long name, without `--`.
    pub long: &'static str,
    /// Its letter, without `-`.
    pub short: Option<u8>,
    /// Whether it takes a value.
    pub has_value: bool,
}

/// A level of the command line: the root, a subcommand, or a subcommand's subcommand.
#[derive(Debug, PartialEq, Eq)]
pub struct Level {
    /// The name as typed; for the root, the program's name.
    pub name: &'static str,
    /// Its options besides the common ones.
    pub own: &'static [Spelling],
    /// Its subcommands.
    pub levels: &'static [Level],
}

impl Level {
    /// The options that are accepted here.
    pub fn options(&self) -> impl Iterator<Item = &'static Spelling> {
        COMMON.iter().chain(self.own)
    }
}

const fn switch(name: Name, long: &'static str, short: Option<u8>) -> Spelling {
    Spelling { name, long, short, has_value: false }
}

const fn valued(name: Name, long: &'static str, short: Option<u8>) -> Spelling {
    Spelling { name, long, short, has_value: true }
}

const fn of_auth(long: &'static str, has_value: bool) -> Spelling {
    Spelling { name: Name::OfAuth(long), long, short: None, has_value }
}

/// `--yes`, the only option of `auth` that has a letter.
const YES: Spelling =
    Spelling { name: Name::OfAuth("yes"), long: "yes", short: Some(b'y'), has_value: false };

/// The options that every level accepts.
const COMMON: &[Spelling] = &[
    valued(Name::Provider, "provider", Some(b'p')),
    valued(Name::Workspace, "workspace", Some(b'w')),
    switch(Name::NoWorkspace, "no-workspace", None),
    valued(Name::Role, "role", Some(b'r')),
    valued(Name::ConfigDir, "config-dir", None),
    switch(Name::Json, "json", None),
    switch(Name::Debug, "debug", None),
    switch(Name::Quiet, "quiet", Some(b'q')),
    switch(Name::Help, "help", Some(b'h')),
];

/// The name of the program.
pub const PROGRAM: &str = "jackin-exec";

/// The root of the command line.
pub(super) const ROOT: &Level = &Level {
    name: PROGRAM,
    own: &[
        valued(Name::Model, "model", Some(b'm')),
        switch(Name::PassKeys, "pass-keys", None),
        switch(Name::AllowForeignEnv, "allow-foreign-env", None),
        switch(Name::OnDemand, "on-demand", None),
        switch(Name::Title, "title", None),
        switch(Name::DryRun, "dry-run", Some(b'n')),
        switch(Name::Version, "version", Some(b'V')),
    ],
    levels: &[
        Level { name: "providers", own: &[switch(Name::All, "all", None)], levels: &[] },
        Level { name: "auth", own: &[], levels: AUTH },
        Level { name: "doctor", own: &[switch(Name::Online, "online", None)], levels: &[] },
        Level { name: "completions", own: &[], levels: &[] },
    ],
};

const AUTH: &[Level] = &[
    Level {
        name: "set",
        own: &[
            of_auth("global", false),
            of_auth("stdin", false),
            of_auth("op", true),
            of_auth("account", true),
            of_auth("env", true),
            of_auth("file", true),
            of_auth("command", false),
        ],
        levels: &[],
    },
    Level {
        name: "unset",
        own: &[of_auth("global", false), of_auth("all-scopes", false)],
        levels: &[],
    },
    Level { name: "ignore", own: &[of_auth("global", false)], levels: &[] },
    Level {
        name: "import",
        own: &[of_auth("global", false), of_auth("replace", false), YES],
        levels: &[],
    },
];

/// The names of the subcommands.
pub fn tasks() -> impl Iterator<Item = &'static str> {
    ROOT.levels.iter().map(|level| level.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An option's spelling as the definition gives it: long name, letter, whether it takes a
    /// value.
    type Known = (String, Option<u8>, bool);

    fn compare(level: &Level, command: &clap::Command) {
        let mut ours: Vec<Known> = Vec::new();
        for one in level.options() {
            ours.push((one.long.to_owned(), one.short, one.has_value));
        }
        let mut theirs: Vec<Known> = Vec::new();
        for one in command.get_arguments().filter(|one| !one.is_positional()) {
            let short = one.get_short().map(|short| u8::try_from(short).unwrap());
            let long = one.get_long().unwrap().to_owned();
            theirs.push((long, short, one.get_action().takes_values()));
            assert!(one.get_all_aliases().is_none(), "an alias of {one} is not in the table");
        }
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs, "{}", level.name);
        let names = level.levels.iter().map(|level| level.name);
        assert!(names.eq(command.get_subcommands().map(clap::Command::get_name)), "{}", level.name);
        for (level, command) in level.levels.iter().zip(command.get_subcommands()) {
            compare(level, command);
        }
    }

    #[test]
    fn the_table_is_the_definition() {
        let mut definition = crate::cli::definition();
        definition.build();
        compare(ROOT, &definition);
    }
}
