//! What `deploy/` and `docs/operations/` show to operators: that it parses, that what it refers to is there, and that the settings,
//! commands, paths and ports in it are the program's. A format's own validator has its say too, where it is installed.

mod compose;
mod container;
mod kubernetes;
mod prometheus;
mod proxies;
mod settings;
mod systemd;

use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{fs, io};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The text of a file of the repository.
fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file in a folder of the repository and in those below.
fn files_under(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { &mut folders } else { &mut files }.push(path);
        }
    }
    files.sort();
    files
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml")
}

/// Every document in a YAML file.
fn yaml(path: impl AsRef<Path>) -> Vec<Value> {
    let text = read(&path);
    serde_saphyr::from_multiple(&text).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

fn text_at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("no text at {pointer} of {value:#}"))
}

/// The entries of a list that may be missing.
fn list_at<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// The entries of a map that may be missing.
fn entries_at<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let map = value.pointer(pointer).and_then(Value::as_object);
    map.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn keys_at(value: &Value, pointer: &str) -> BTreeSet<String> {
    entries_at(value, pointer).map(|(name, _)| name.to_owned()).collect()
}

/// The seconds of a span of time such as `15s` or `2m`.
fn seconds(span: &str) -> u64 {
    let (number, unit) = span.split_at(span.len() - 1);
    let number: u64 = number.parse().unwrap_or_else(|_| panic!("{span} is no span of time"));
    match unit {
        "s" => number,
        "m" => number * 60,
        _ => panic!("{span} is no span of time"),
    }
}

/// Runs a validator, and says so where it is not installed.
fn validate(command: &mut Command) -> Option<Output> {
    match command.output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // Not by a macro: the test runner would keep that to itself.
            let name = command.get_program().to_string_lossy();
            let _ = writeln!(io::stderr(), "{name} is not installed: what it checks stays unchecked");
            None
        }
        Err(error) => panic!("{command:?}: {error}"),
    }
}

/// What a validator says, where it is installed and complains.
fn assert_valid(command: &mut Command) {
    if let Some(output) = validate(command) {
        let said = [output.stdout, output.stderr].concat();
        assert!(
            output.status.success(),
            "{command:?}: {}",
            String::from_utf8_lossy(&said)
        );
    }
}

#[test]
fn every_yaml_file_means_the_same_to_every_parser() {
    let files: Vec<PathBuf> = files_under("deploy").into_iter().filter(|path| is_yaml(path)).collect();
    assert!(files.len() > 10);
    for path in files {
        assert!(!yaml(&path).is_empty(), "{}", path.display());
        for line in read(&path).lines() {
            let value = line.split_once(": ").map_or("", |(_, value)| value.trim());
            let octal = value.len() > 1 && value.starts_with('0') && value.bytes().all(|byte| byte.is_ascii_digit());
            let word = matches!(value, "on" | "off" | "yes" | "no" | "y" | "n");
            assert!(
                !octal && !word,
                "{}: YAML 1.1 and 1.2 differ about {line:?}; quote it",
                path.display()
            );
        }
    }
}
