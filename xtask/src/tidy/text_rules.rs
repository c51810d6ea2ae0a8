//! What must not stand in any file, and which files there must be.

use std::path::Path;

/// One file of the tree.
pub(super) struct TextFile {
    /// From the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) path: String,
    /// From 1; 0 for the file as a whole.
    pub(super) line: usize,
    pub(super) fault: &'static str,
}

/// In two pieces each, so that this list is not found by itself.
const UNFINISHED: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
];

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What a project that others use has.
const DOCUMENTS: [&str; 8] = [
    ".env.example",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
];

/// Every place in `files`, of the checkout at `root`, that breaks a rule.
pub(super) fn check(files: &[TextFile], root: &Path) -> Vec<Finding> {
    let machine = machine_folders(root);
    let mut findings = missing_documents(files);
    for file in files {
        for (index, line) in file.text.lines().enumerate() {
            let fault = fault_of(&file.path, line, &machine);
            findings.extend(fault.map(|fault| Finding {
                path: file.path.clone(),
                line: index + 1,
                fault,
            }));
        }
    }
    findings
}

fn fault_of(path: &str, line: &str, machine: &[String]) -> Option<&'static str> {
    let source = line.strip_prefix("source = \"").map(|rest| rest.trim_end_matches('"'));
    if UNFINISHED.iter().any(|word| line.contains(word)) {
        Some("left undone")
    } else if machine.iter().any(|folder| line.contains(folder)) {
        Some("a folder of this machine")
    } else if path == "Cargo.lock" && source.is_some_and(|source| source != CRATES_IO) {
        Some("a source other than crates.io")
    } else {
        None
    }
}

/// The checkout, the folder it lies in and the home of whoever works here; `/tmp` is no machine's own.
fn machine_folders(root: &Path) -> Vec<String> {
    let around = root.parent().filter(|parent| !parent.ends_with("tmp"));
    let home = std::env::home_dir();
    [Some(root), around, home.as_deref()]
        .into_iter()
        .flatten()
        .filter(|folder| folder.parent().is_some())
        .map(|folder| format!("{}/", folder.display()))
        .collect()
}

fn missing_documents(files: &[TextFile]) -> Vec<Finding> {
    let is_missing = |name: &&str| !files.iter().any(|file| file.path == *name);
    DOCUMENTS
        .into_iter()
        .filter(is_missing)
        .map(|name| Finding {
            path: name.to_owned(),
            line: 0,
            fault: "missing",
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> Vec<&'static str> {
        let file = TextFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let findings = check(&[file], Path::new("/srv/checkout"));
        findings
            .into_iter()
            .filter(|finding| finding.line > 0)
            .map(|finding| finding.fault)
            .collect()
    }

    #[test]
    fn what_is_left_undone_is_found() {
        let text = format!("fn f() {{\n    // {}: later\n}}", UNFINISHED[0]);
        assert_eq!(faults("src/f.rs", &text), ["left undone"]);
        assert!(faults("src/f.rs", "fn f() {}").is_empty());
    }

    #[test]
    fn folders_of_this_machine_are_found() {
        assert_eq!(
            faults("README.md", "cd /srv/checkout/crates"),
            ["a folder of this machine"]
        );
        assert_eq!(faults("README.md", "see /srv/elsewhere"), ["a folder of this machine"]);
        assert!(faults("README.md", "cd gatewright").is_empty());
    }

    #[test]
    fn a_lock_file_names_crates_io_alone() {
        let elsewhere = "source = \"registry+https://mirror.example/index\"";
        assert_eq!(faults("Cargo.lock", elsewhere), ["a source other than crates.io"]);
        assert!(faults("Cargo.lock", &format!("source = \"{CRATES_IO}\"")).is_empty());
    }

    #[test]
    fn every_missing_document_is_named() {
        let findings = check(&[], Path::new("/srv/checkout"));
        assert_eq!(findings.len(), DOCUMENTS.len());
    }
}
