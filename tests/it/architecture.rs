//! What ARCHITECTURE.md promises and no compiler holds: who uses whom, that every crate says what it is
//! for, that files are named for what is in them, that the domain stays pure and that adapters are named
//! in one place.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// In the manifest for a cargo feature alone: `bundled`, which builds SQLite from its source.
const USED_BY_FEATURE_ALONE: [&str; 1] = ["libsqlite3-sys"];

/// Names that say nothing about what a file holds.
const EMPTY_NAMES: [&str; 8] = [
    "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils",
];

/// One crate of the workspace, as its manifest describes it.
struct Member {
    /// Its folder's name, which is what ARCHITECTURE.md calls it.
    name: String,
    folder: PathBuf,
    own: BTreeSet<String>,
    outside: BTreeSet<String>,
    own_for_tests: BTreeSet<String>,
    roots: Vec<PathBuf>,
}

impl Member {
    /// This crate's row of the table in ARCHITECTURE.md.
    fn row(&self) -> String {
        let own: Vec<String> = self.own.iter().map(|name| format!("`{name}`")).collect();
        let outside: Vec<&str> = self.outside.iter().map(String::as_str).collect();
        let or_none = |cell: String| if cell.is_empty() { "none".to_owned() } else { cell };
        format!(
            "| `{}` | {} | {} |",
            self.name,
            or_none(own.join(", ")),
            or_none(outside.join(", "))
        )
    }

    fn sources(&self) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        collect_sources(&self.folder, &mut found);
        found
    }
}

fn workspace_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn members() -> Vec<Member> {
    let answer = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(workspace_root())
        .output()
        .unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let metadata: Value = serde_json::from_slice(&answer.stdout).unwrap();
    metadata["packages"].as_array().unwrap().iter().map(member).collect()
}

fn member(package: &Value) -> Member {
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let folder = manifest.parent().unwrap().to_owned();
    let dependencies = package["dependencies"].as_array().unwrap();
    let (for_tests, used): (Vec<&Value>, Vec<&Value>) = dependencies.iter().partition(|entry| entry["kind"] == "dev");
    let (own, outside): (Vec<&Value>, Vec<&Value>) = used.into_iter().partition(|entry| own_crate(entry).is_some());
    let targets = package["targets"].as_array().unwrap().iter();
    Member {
        name: folder_name(&folder),
        own: own.into_iter().filter_map(own_crate).collect(),
        outside: outside.into_iter().map(|entry| text_of(&entry["name"])).collect(),
        own_for_tests: for_tests.into_iter().filter_map(own_crate).collect(),
        roots: targets.map(|target| text_of(&target["src_path"]).into()).collect(),
        folder,
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn own_crate(dependency: &Value) -> Option<String> {
    dependency["path"].as_str().map(|path| folder_name(Path::new(path)))
}

fn folder_name(folder: &Path) -> String {
    folder.file_name().unwrap().to_str().unwrap().to_owned()
}

fn collect_sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

/// The rows of the first table under the heading, without the table's own head.
fn table_under(heading: &str, document: &str) -> BTreeSet<String> {
    document
        .lines()
        .skip_while(|line| *line != heading)
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_table_of_who_may_use_whom_is_what_the_manifests_say() {
    let document = fs::read_to_string(workspace_root().join("ARCHITECTURE.md")).unwrap();
    let promised = table_under("## Who may use whom", &document);
    let actual: BTreeSet<String> = members().iter().map(Member::row).collect();
    let only_in = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect::<Vec<_>>().join("\n");
    assert!(
        promised == actual,
        "ARCHITECTURE.md and the manifests differ.\n\nThe manifests say:\n{}\n\nARCHITECTURE.md says:\n{}\n",
        only_in(&actual, &promised),
        only_in(&promised, &actual),
    );
}

/// The crates of ours that a crate may use, where that is restricted.
fn allowed(name: &str) -> Option<&'static [&'static str]> {
    match name {
        "domain" => Some(&[]),
        "application" => Some(&["domain"]),
        "contract" | "fakes" | "delivery-http" => Some(&["application", "domain"]),
        name if name.starts_with("adapter-") => Some(&["application", "domain"]),
        _ => None,
    }
}

#[test]
fn dependencies_point_inwards() {
    for member in members() {
        let Some(allowed) = allowed(&member.name) else {
            continue;
        };
        let name = &member.name;
        let beyond: Vec<&String> = member
            .own
            .iter()
            .filter(|own| !allowed.contains(&own.as_str()))
            .collect();
        assert!(
            beyond.is_empty(),
            "{name} may use {allowed:?} alone, and uses {beyond:?}"
        );
    }
}

#[test]
fn tests_reach_for_the_test_kit_and_nothing_a_crate_may_not_use_otherwise() {
    for member in members() {
        let kit = ["contract", "fakes", "private-servers"];
        let may_use = |own: &String| {
            let otherwise = allowed(&member.name).unwrap_or_default();
            kit.contains(&own.as_str()) || otherwise.contains(&own.as_str()) || member.own.contains(own)
        };
        let beyond: Vec<&String> = member.own_for_tests.iter().filter(|own| !may_use(own)).collect();
        assert!(beyond.is_empty(), "the tests of {} use {beyond:?}", member.name);
    }
}

#[test]
fn every_dependency_of_a_manifest_is_named_in_the_source() {
    let idle: Vec<String> = members().iter().flat_map(idle_dependencies).collect();
    assert!(idle.is_empty(), "listed and never named: {idle:#?}");
}

fn idle_dependencies(member: &Member) -> Vec<String> {
    let sources = member.sources();
    let is_named = |library: &str| {
        let word = library.replace('-', "_");
        sources.iter().any(|(_, text)| names(text, &word))
    };
    let libraries = member.outside.iter();
    libraries
        .filter(|library| !USED_BY_FEATURE_ALONE.contains(&library.as_str()) && !is_named(library))
        .map(|library| format!("{library} by {}", member.name))
        .collect()
}

/// Whether `word` stands in `text` as a path's first part, and not only as a part of another word.
fn names(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let after = text.get(at + word.len()..).unwrap_or_default();
        !before.is_some_and(is_part) && (after.starts_with("::") || after.starts_with(';') || after.starts_with(" as "))
    })
}

#[test]
fn every_crate_says_what_it_is_for() {
    for root in members().iter().flat_map(|member| &member.roots) {
        let text = fs::read_to_string(root).unwrap();
        let words: usize = text
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .map(|line| line.split_whitespace().count())
            .sum();
        assert!(words >= 5, "{} begins without saying what it is for", root.display());
    }
}

#[test]
fn files_are_named_for_what_is_in_them() {
    for (path, _) in members().iter().flat_map(Member::sources) {
        let relative = path.strip_prefix(workspace_root()).unwrap();
        let empty = relative
            .with_extension("")
            .components()
            .any(|part| EMPTY_NAMES.iter().any(|name| part.as_os_str() == *name));
        assert!(!empty, "{} is named for nothing in it", relative.display());
    }
}

#[test]
fn the_domain_waits_for_nothing_and_reaches_nothing_outside() {
    let reaching = [
        "async ",
        ".await",
        "std::env",
        "std::fs",
        "std::io",
        "std::process",
        "std::thread",
        "std::time",
        "TcpStream",
        "UdpSocket",
    ];
    let domain = members().into_iter().find(|member| member.name == "domain").unwrap();
    for (path, text) in domain.sources() {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let found = reaching.iter().find(|word| line.contains(*word));
            assert_eq!(found, None, "{}: {line}", path.display());
        }
    }
}

#[test]
fn adapters_are_named_in_the_wiring_alone() {
    let outside_the_adapters = members()
        .into_iter()
        .filter(|member| !member.name.starts_with("adapter-"));
    for (path, text) in outside_the_adapters.flat_map(|member| member.sources()) {
        let relative = path.strip_prefix(workspace_root()).unwrap();
        let is_wiring = relative.with_extension("").starts_with("crates/gatewright/src/wiring");
        let names_one = relative.starts_with("crates") && text.contains("gatewright_adapter_");
        assert!(is_wiring || !names_one, "{} names an adapter", relative.display());
    }
}
