//! The four scopes and the folders, written into the files in any order and any form of TOML, mean what a few lines of model say: the
//! more specific scope wins, exec.toml wins within a scope, and what was hidden is listed.

use std::collections::BTreeMap;
use std::path::Path;

use jackin_exec::config;
use jackin_exec::config::Declared;
use jackin_exec::config::EnvValue;
use jackin_exec::scope;
use jackin_exec::scope::DefaultOf;
use jackin_exec::scope::Owner;
use jackin_exec::scope::Policy;
use jackin_exec::scope::Scope;
use jackin_exec::scope::Selection;
use jackin_exec::warning::Warning;
use secrecy::ExposeSecret;

use crate::dice::Dice;
use crate::toml;
use crate::toml::Node;
use crate::toml::Table;
use crate::toml::inner;
use crate::toml::text;

const NAMES: &[&str] =
    &["A", "KIMI_CODE_API_KEY", "a.b", "with space", "qu\"o'te", "ünï", "tab\t", "PATH"];

const ROLES: &[&str] = &["agent-smith", "acme/reviewer", "Upper"];

const WORKSPACES: &[&str] = &["client-b", "an other"];

const FOLDERS: &[&str] = &["~/client-b", "/an other"];

const LITERALS: &[&str] =
    &["v", "$", "$A-B", " $A", "op:/v", "'\"\\\n", "=x", "\u{202e}", "''' \"\"\""];

/// One line of a scope.
struct Line {
    ours: bool,
    folder: Option<usize>,
    workspace: Option<usize>,
    role: Option<usize>,
    name: usize,
    node: Node,
    /// What it means, as [`described`] has it, less the account of an old file.
    meaning: String,
    /// Whether it is a reference in a table that names no account.
    accountless: bool,
}

/// What is said of a workspace beside its variables.
#[derive(Default)]
struct Around {
    allowed: Vec<&'static str>,
    default_role: Option<&'static str>,
    op_account: bool,
    version: Option<&'static str>,
    kimi: Option<bool>,
    role_kimi: Option<(usize, bool)>,
    default_provider: Option<&'static str>,
    providers: Option<Vec<&'static str>>,
}

/// What is said of a folder beside its variables.
#[derive(Default)]
struct Below {
    provider: Option<&'static str>,
    providers: Option<Vec<&'static str>>,
}

struct Case {
    lines: Vec<Line>,
    workspaces: [Around; 2],
    folders: [Below; 2],
    /// The folder that applies, and those whose lists do.
    folder: Option<usize>,
    listed_folders: Vec<usize>,
    registered: Vec<usize>,
    kimi: Option<bool>,
    default_provider: Option<&'static str>,
    /// The workspace that is chosen, and whether it has a file of its own.
    chosen: Option<(usize, bool)>,
    typed: Option<&'static str>,
    surrounding: Vec<usize>,
}

/// Settings, written in some way. The model knows nothing of ways, so they all mean the same.
pub fn check(data: &[u8]) {
    let mut dice = Dice::new(data);
    let case = Case::new(&mut dice);
    case.holds(&mut dice);
}

impl Case {
    fn new(dice: &mut Dice<'_>) -> Self {
        let chosen = match dice.below(5) {
            0 => None,
            one => Some((one % 2, one > 2)),
        };
        let typed = *dice.pick(&[
            None,
            Some("acme/reviewer"),
            Some("agent-smith"),
            Some("the-architect"),
            Some("ACME/Reviewer"),
            Some("upper"),
            Some("nobody"),
        ]);
        let kimi = flag(dice);
        let default_provider = *dice.pick(&[None, Some("kimi"), Some("zai")]);
        let registered = several(dice, &[0, 1, 2]);
        let surrounding = several(dice, &[0, 1]);
        let workspaces = [Around::new(dice), Around::new(dice)];
        let folders = [Below::new(dice), Below::new(dice)];
        let folder = *dice.pick(&[None, Some(0), Some(1)]);
        let listed_folders = several(dice, &[0, 1]);
        let mut lines: Vec<Line> = Vec::new();
        while dice.any_left() && lines.len() < 16 {
            let line = Line::new(dice);
            let place =
                |line: &Line| (line.ours, line.folder, line.workspace, line.role, line.name);
            if lines.iter().all(|known| place(known) != place(&line)) {
                lines.push(line);
            }
            // What is left decides how it is written.
            if dice.one_in(6) {
                break;
            }
        }
        Self {
            lines,
            workspaces,
            folders,
            folder,
            listed_folders,
            registered,
            kimi,
            default_provider,
            chosen,
            typed,
            surrounding,
        }
    }

    /// Writes, reads and compares.
    fn holds(&self, dice: &mut Dice<'_>) {
        let written = |mut table: Table, dice: &mut Dice<'_>| {
            toml::shuffle(&mut table, dice);
            toml::write(&table, dice)
        };
        let own_file = self.chosen.filter(|(_, own)| *own).map(|(index, _)| index);
        let global = written(self.global(own_file), dice);
        let exec = written(self.exec(), dice);
        let file = own_file.map(|index| written(self.workspace(index, true), dice));
        let mut offences = Vec::new();
        let parsed = "what was written is TOML, and what the files may hold";
        let global =
            config::global(Path::new("/config.toml"), &global, &mut offences).expect(parsed);
        let exec = config::exec(Path::new("/exec.toml"), &exec, &mut offences).expect(parsed);
        let file = file.map(|file| {
            config::workspace(Path::new("/w.toml"), &file, &mut offences).expect(parsed)
        });
        assert!(offences.is_empty(), "{offences:?}");
        let workspace = self.chosen.map(|(index, _)| {
            let name = WORKSPACES[index];
            (name, file.as_ref().unwrap_or_else(|| &global.workspaces[name]))
        });
        let surrounding: Vec<String> =
            self.surrounding.iter().map(|&index| WORKSPACES[index].to_owned()).collect();
        let listed_folders: Vec<String> =
            self.listed_folders.iter().map(|&index| FOLDERS[index].to_owned()).collect();
        let selection = Selection {
            workspace,
            role: self.typed,
            surrounding: &surrounding,
            folder: self.folder.map(|index| FOLDERS[index]),
            listed_folders: &listed_folders,
        };
        let mut warnings = Vec::new();
        let found = scope::settings(&global, &exec, selection, &mut warnings);
        let expected = self.role();
        let found = match (found, expected) {
            (Ok(found), Ok(_)) => found,
            (Err(error), Err(expected)) => {
                let kind = match error {
                    scope::Error::Unknown { .. } => "unknown",
                    scope::Error::Case { .. } => "case",
                    scope::Error::NotAllowed { .. } => "not allowed",
                };
                assert_eq!(kind, expected);
                return;
            }
            (found, expected) => {
                panic!("{expected:?} expected, but {:?}", found.map(|found| found.role))
            }
        };
        let (role, left_out) = expected.unwrap_or_default();
        assert_eq!(found.role.as_deref(), role);
        assert_eq!(
            warnings.iter().any(|warning| matches!(warning, Warning::DefaultRole { .. })),
            left_out
        );
        assert_eq!(found.workspace.as_deref(), workspace.map(|(name, _)| name));
        let env: BTreeMap<&str, (String, Scope, bool, &[Scope])> = found
            .env
            .iter()
            .map(|(name, one)| {
                (name.as_str(), (described(one.value), one.scope, one.ours, &*one.hides))
            })
            .collect();
        let model = self.env(role);
        let model: BTreeMap<&str, (String, Scope, bool, &[Scope])> = model
            .iter()
            .map(|(name, (meaning, scope, ours, hides))| {
                (*name, (meaning.clone(), *scope, *ours, &**hides))
            })
            .collect();
        assert_eq!(env, model);
        self.beside(&found, role);
    }

    /// What is not a variable.
    fn beside(&self, found: &scope::Settings<'_>, role: Option<&str>) {
        let around = self.chosen.map(|(index, _)| &self.workspaces[index]);
        let of_role = around
            .and_then(|around| around.role_kimi.filter(|(index, _)| role == Some(ROLES[*index])));
        let kimi = of_role
            .map(|(_, ignored)| ignored)
            .or(around.and_then(|around| around.kimi))
            .or(self.kimi);
        let ignored = found.ignored.get("kimi").is_some_and(|ignoring| ignoring.ignored);
        assert_eq!(ignored, kimi.unwrap_or(false));
        let of_workspace = around.and_then(|around| around.default_provider);
        let of_folder = self.folder.and_then(|index| self.folders[index].provider);
        let default = found.default_provider.as_ref();
        let expected = of_workspace.or(of_folder).or(self.default_provider);
        assert_eq!(default.map(|one| &*one.provider), expected);
        let of = match (of_workspace, of_folder) {
            (Some(_), _) => DefaultOf::Workspace,
            (None, Some(_)) => DefaultOf::Folder,
            (None, None) => DefaultOf::All,
        };
        assert!(default.is_none_or(|one| one.of == of));
        assert_eq!(found.folder, self.folder.map(|index| FOLDERS[index]));
        let mut bound: Vec<usize> =
            self.chosen.iter().map(|(index, _)| *index).chain(self.surrounding.clone()).collect();
        bound.retain(|index| self.workspaces[*index].providers.is_some());
        bound.sort_unstable();
        bound.dedup();
        let (mut of_workspaces, mut of_folders) = (Vec::new(), Vec::new());
        for Policy { owner, providers } in &found.policies {
            match owner {
                Owner::Workspace(name) => of_workspaces.push((name.as_str(), providers)),
                Owner::Folder(path) => of_folders.push((path.as_str(), providers)),
            }
        }
        of_workspaces.sort_unstable_by_key(|(workspace, _)| {
            WORKSPACES.iter().position(|known| known == workspace)
        });
        assert_eq!(of_workspaces.len(), bound.len());
        for ((workspace, providers), index) in of_workspaces.iter().zip(bound) {
            assert_eq!(*workspace, WORKSPACES[index]);
            assert_eq!(**providers, *self.workspaces[index].providers.as_ref().unwrap());
        }
        let mut bound = self.listed_folders.clone();
        bound.retain(|index| self.folders[*index].providers.is_some());
        assert_eq!(of_folders.len(), bound.len());
        for ((path, providers), index) in of_folders.iter().zip(bound) {
            assert_eq!(*path, FOLDERS[index]);
            assert_eq!(**providers, *self.folders[index].providers.as_ref().unwrap());
        }
    }

    /// The role and whether a default was left out.
    fn role(&self) -> Result<(Option<&'static str>, bool), &'static str> {
        let around = self.chosen.map(|(index, _)| &self.workspaces[index]);
        let allowed = around.map(|around| around.allowed.clone()).unwrap_or_default();
        let is_allowed = |role: &str| allowed.is_empty() || allowed.contains(&role);
        let registered = |role: &str| {
            matches!(role, "agent-smith" | "the-architect")
                || self.registered.iter().any(|&index| ROLES[index] == role)
                || self.lines.iter().any(|line| {
                    !line.ours
                        && line.workspace.is_none()
                        && line.role.is_some_and(|index| ROLES[index] == role)
                })
        };
        let Some(typed) = self.typed else {
            let default = around.and_then(|around| around.default_role);
            let kept = default.filter(|role| is_allowed(role) && registered(role));
            return Ok((kept, default != kept));
        };
        let chosen = self.chosen.map(|(index, _)| index);
        let mentioned = |role: &str| {
            let here = |line: &Line| line.workspace.is_none() || line.workspace == chosen;
            registered(role)
                || allowed.contains(&role)
                || self
                    .lines
                    .iter()
                    .any(|line| here(line) && line.role.is_some_and(|index| ROLES[index] == role))
                || around
                    .and_then(|around| around.role_kimi)
                    .is_some_and(|(index, _)| ROLES[index] == role)
        };
        let role = match typed {
            "ACME/Reviewer" => "acme/reviewer",
            other => other,
        };
        // jackin would register a role with a namespace, so an unknown one is only warned about.
        if !mentioned(role) && !role.contains('/') {
            return Err(if role == "upper" && mentioned("Upper") { "case" } else { "unknown" });
        }
        if is_allowed(role) { Ok((Some(role), false)) } else { Err("not allowed") }
    }

    /// The winners.
    fn env(&self, role: Option<&str>) -> BTreeMap<&'static str, (String, Scope, bool, Vec<Scope>)> {
        let mut found = BTreeMap::new();
        let applies = |line: &&Line| {
            line.workspace
                .is_none_or(|index| self.chosen.is_some_and(|(chosen, _)| chosen == index))
                && line.folder.is_none_or(|index| self.folder == Some(index))
                && line.role.is_none_or(|index| role == Some(ROLES[index]))
        };
        let lines: Vec<&Line> = self.lines.iter().filter(applies).collect();
        for line in &lines {
            let same = || lines.iter().filter(|other| other.name == line.name);
            let Some(winner) = same().max_by_key(|other| (other.scope(), other.ours)) else {
                continue;
            };
            let mut hides: Vec<Scope> = same().map(|other| other.scope()).collect();
            hides.retain(|scope| *scope < winner.scope());
            hides.sort_unstable();
            hides.dedup();
            // No literal holds this character.
            let meaning = winner
                .meaning
                .replace('\0', if self.by_default_account(winner) { "@team" } else { "" });
            found.insert(NAMES[line.name], (meaning, winner.scope(), winner.ours, hides));
        }
        found
    }

    /// Whether an old file's account applies.
    fn by_default_account(&self, line: &Line) -> bool {
        let Some(index) = line.workspace.filter(|_| line.accountless && !line.ours) else {
            return false;
        };
        let around = &self.workspaces[index];
        let old = match self.chosen {
            Some((chosen, true)) if chosen == index => {
                matches!(around.version, None | Some("v1alpha4"))
            }
            // A table in config.toml has no version.
            _ => true,
        };
        around.op_account && old
    }

    fn global(&self, own_file: Option<usize>) -> Table {
        let mut table = Table::new();
        kimi(&mut table, self.kimi);
        for &index in &self.registered {
            inner(inner(&mut table, "roles"), ROLES[index]);
        }
        for line in self.lines.iter().filter(|line| !line.ours && line.workspace.is_none()) {
            line.write(&mut table);
        }
        for index in (0..WORKSPACES.len()).filter(|index| Some(*index) != own_file) {
            *inner(inner(&mut table, "workspaces"), WORKSPACES[index]) =
                self.workspace(index, false);
        }
        table
    }

    fn workspace(&self, index: usize, own_file: bool) -> Table {
        let around = &self.workspaces[index];
        let mut table = vec![("workdir".to_owned(), text("/x"))];
        kimi(&mut table, around.kimi);
        if let Some((role, ignored)) = around.role_kimi {
            kimi(inner(inner(&mut table, "roles"), ROLES[role]), Some(ignored));
        }
        if around.op_account {
            table.push(("op_account".to_owned(), text("team")));
        }
        if let Some(version) = around.version.filter(|_| own_file) {
            table.push(("version".to_owned(), text(version)));
        }
        if let Some(role) = around.default_role {
            table.push(("default_role".to_owned(), text(role)));
        }
        if !around.allowed.is_empty() {
            table.push(("allowed_roles".to_owned(), texts(&around.allowed)));
        }
        for line in self.lines.iter().filter(|line| !line.ours && line.workspace == Some(index)) {
            line.write(&mut table);
        }
        table
    }

    fn exec(&self) -> Table {
        let mut table = Table::new();
        if let Some(provider) = self.default_provider {
            table.push(("default_provider".to_owned(), text(provider)));
        }
        for (name, around) in WORKSPACES.iter().zip(&self.workspaces) {
            if let Some(provider) = around.default_provider {
                inner(inner(&mut table, "workspaces"), name)
                    .push(("default_provider".to_owned(), text(provider)));
            }
            if let Some(providers) = &around.providers {
                inner(inner(&mut table, "workspaces"), name)
                    .push(("providers".to_owned(), texts(providers)));
            }
        }
        for (path, below) in FOLDERS.iter().zip(&self.folders) {
            if let Some(provider) = below.provider {
                inner(inner(&mut table, "folders"), path)
                    .push(("default_provider".to_owned(), text(provider)));
            }
            if let Some(providers) = &below.providers {
                inner(inner(&mut table, "folders"), path)
                    .push(("providers".to_owned(), texts(providers)));
            }
        }
        for line in self.lines.iter().filter(|line| line.ours) {
            match (line.folder, line.workspace) {
                (Some(index), _) => line.write(inner(inner(&mut table, "folders"), FOLDERS[index])),
                (None, Some(index)) => {
                    line.write(inner(inner(&mut table, "workspaces"), WORKSPACES[index]))
                }
                (None, None) => line.write(&mut table),
            }
        }
        table
    }
}

impl Around {
    fn new(dice: &mut Dice<'_>) -> Self {
        if dice.one_in(2) {
            return Self::default();
        }
        let role = |dice: &mut Dice<'_>| {
            *dice.pick(&[None, Some("acme/reviewer"), Some("the-architect"), Some("Upper")])
        };
        Self {
            allowed: several(dice, &["acme/reviewer", "agent-smith"]),
            default_role: role(dice),
            op_account: dice.one_in(2),
            version: *dice.pick(&[None, Some("v1alpha4"), Some("v1alpha5"), Some("v1alpha8")]),
            kimi: flag(dice),
            role_kimi: flag(dice).map(|ignored| (dice.below(ROLES.len()), ignored)),
            default_provider: *dice.pick(&[None, Some("minimax")]),
            providers: dice.one_in(2).then(|| several(dice, &["kimi", "zai"])),
        }
    }
}

impl Below {
    fn new(dice: &mut Dice<'_>) -> Self {
        if dice.one_in(2) {
            return Self::default();
        }
        Self {
            provider: *dice.pick(&[None, Some("zai-cn")]),
            providers: dice.one_in(2).then(|| several(dice, &["kimi", "zai"])),
        }
    }
}

impl Line {
    fn new(dice: &mut Dice<'_>) -> Self {
        let ours = dice.one_in(2);
        let mut workspace = (!dice.one_in(2)).then(|| dice.below(WORKSPACES.len()));
        let mut role = dice.one_in(2).then(|| dice.below(ROLES.len()));
        let folder = (ours && dice.one_in(4)).then(|| dice.below(FOLDERS.len()));
        if folder.is_some() {
            // A folder has neither.
            (workspace, role) = (None, None);
        }
        let name = dice.below(NAMES.len());
        let (mut later, mut accountless) = (dice.one_in(4), false);
        let entry = |key: &str, node: Node| (key.to_owned(), node);
        let demand = entry("on_demand", Node::Flag(later));
        let (meaning, node) = match dice.below(if ours { 7 } else { 5 }) {
            form @ 0..=2 => {
                let (meaning, string) = plain(dice);
                if form == 0 {
                    later = false;
                    (meaning, text(string))
                } else {
                    (meaning, Node::Inline(vec![demand, entry("value", text(string))]))
                }
            }
            3 => {
                accountless = true;
                let table =
                    vec![entry("op", text("op://v/i/f")), entry("path", text("v / i / f")), demand];
                ("op op://v/i/f\0".to_owned(), Node::Inline(table))
            }
            4 => {
                let table = vec![
                    entry("path", text("")),
                    entry("account", text("mine")),
                    entry("op", text("op://v/i/s/f?attribute=otp")),
                    demand,
                ];
                ("op op://v/i/s/f?attribute=otp@mine".to_owned(), Node::Inline(table))
            }
            5 => {
                later = false;
                ("file /run/x".to_owned(), Node::Inline(vec![entry("file", text("/run/x"))]))
            }
            _ => {
                later = false;
                let (timeout, seconds) = *dice.pick(&[("1s", 1), ("10m", 600), ("90s", 90)]);
                let table = vec![
                    entry("timeout", text(timeout)),
                    entry("command", texts(&["pass", "", "a b"])),
                ];
                (format!("command [\"pass\", \"\", \"a b\"] {seconds}"), Node::Inline(table))
            }
        };
        let meaning = format!("{meaning}{}", if later { ", later" } else { "" });
        Self { ours, folder, workspace, role, name, node, meaning, accountless }
    }

    fn scope(&self) -> Scope {
        if self.folder.is_some() {
            return Scope::Folder;
        }
        match (self.workspace, self.role) {
            (None, None) => Scope::Global,
            (None, Some(_)) => Scope::Role,
            (Some(_), None) => Scope::Workspace,
            (Some(_), Some(_)) => Scope::WorkspaceRole,
        }
    }

    fn write(&self, table: &mut Table) {
        let scope = match self.role {
            Some(index) => inner(inner(table, "roles"), ROLES[index]),
            None => table,
        };
        inner(scope, "env").push((NAMES[self.name].to_owned(), self.node.clone()));
    }
}

/// A string as a value, and what it means.
fn plain(dice: &mut Dice<'_>) -> (String, String) {
    match dice.below(6) {
        0 => ("empty".to_owned(), String::new()),
        1 => ("host A_1".to_owned(), "$A_1".to_owned()),
        2 => ("host _b".to_owned(), "${_b}".to_owned()),
        // A string has no account, of an old file neither.
        3 => ("op op://v w/i/f".to_owned(), "op://v w/i/f".to_owned()),
        4 => {
            let free: String =
                String::from_utf8_lossy(dice.bytes(6)).replace('\0', "").replace('\u{feff}', "");
            (format!("literal x{free}"), format!("x{free}"))
        }
        _ => {
            let literal = *dice.pick(LITERALS);
            (format!("literal {literal}"), literal.to_owned())
        }
    }
}

fn described(declared: &Declared) -> String {
    let value = match &declared.value {
        EnvValue::Empty => "empty".to_owned(),
        EnvValue::Literal(secret) => format!("literal {}", secret.expose_secret()),
        EnvValue::HostVar(name) => format!("host {name}"),
        EnvValue::Op(op) => {
            let account = op.account.as_ref().map(|account| format!("@{account}"));
            format!("op {}{}", op.reference, account.unwrap_or_default())
        }
        EnvValue::File(path) => format!("file {}", path.display()),
        EnvValue::Command(helper) => {
            format!("command {:?} {}", helper.argv, helper.timeout.as_secs())
        }
    };
    format!("{value}{}", if declared.on_demand { ", later" } else { "" })
}

fn kimi(table: &mut Table, ignored: Option<bool>) {
    if let Some(ignored) = ignored {
        let mode = if ignored { "ignore" } else { "sync" };
        inner(table, "kimi").push(("auth_forward".to_owned(), text(mode)));
    }
}

fn flag(dice: &mut Dice<'_>) -> Option<bool> {
    *dice.pick(&[None, None, Some(true), Some(false)])
}

fn several<T: Copy>(dice: &mut Dice<'_>, from: &[T]) -> Vec<T> {
    let chosen = dice.byte();
    from.iter()
        .enumerate()
        .filter(|(index, _)| chosen >> index & 1 == 1)
        .map(|(_, one)| *one)
        .collect()
}

fn texts(words: &[&str]) -> Node {
    Node::Array(words.iter().map(|word| text(*word)).collect())
}
