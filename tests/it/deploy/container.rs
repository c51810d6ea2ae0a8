//! The image.

use crate::deploy::{read, root, validate};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const DOCKERFILE: &str = "deploy/container/Dockerfile";

/// One instruction: its word, and the rest with its lines joined.
struct Instruction {
    word: String,
    rest: String,
}

fn instructions() -> Vec<Instruction> {
    let text = read(DOCKERFILE);
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    let instructions = joined.lines().filter_map(|line| line.split_once(' '));
    instructions
        .map(|(word, rest)| Instruction {
            word: word.to_owned(),
            rest: rest.split_whitespace().collect::<Vec<&str>>().join(" "),
        })
        .collect()
}

/// What the last instruction of a kind says.
fn last(word: &str) -> String {
    let last = instructions().into_iter().rfind(|instruction| instruction.word == word);
    last.unwrap_or_else(|| panic!("no {word}")).rest
}

/// The environment that the image sets.
pub(crate) fn environment() -> BTreeMap<String, String> {
    let settings = last("ENV");
    let pairs = settings.split(' ').map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The port on which the image's server listens.
pub(crate) fn port() -> u64 {
    environment()["BIND"].rsplit_once(':').unwrap().1.parse().unwrap()
}

/// The user as whom it runs.
pub(crate) fn user() -> u64 {
    last("USER").split(':').next().unwrap().parse().unwrap()
}

/// Where the image's binaries are.
pub(crate) fn binaries() -> BTreeSet<String> {
    let build = last("RUN");
    let words: Vec<&str> = build.split(' ').collect();
    let named = words.windows(2).filter(|pair| pair[0] == "--bin");
    named.map(|pair| format!("/usr/local/bin/{}", pair[1])).collect()
}

#[test]
fn what_is_copied_is_there() {
    let (mut stages, mut copies) = (BTreeSet::new(), 0);
    let ignored = read("deploy/container/Dockerfile.dockerignore");
    for Instruction { word, rest } in instructions() {
        match word.as_str() {
            "FROM" => stages.extend(rest.split_once(" AS ").map(|(_, stage)| stage.to_owned())),
            "COPY" => {
                let words = rest.split(' ');
                let (options, paths): (Vec<&str>, Vec<&str>) = words.partition(|word| word.starts_with("--"));
                let from = options.iter().find_map(|option| option.strip_prefix("--from="));
                let (_target, sources) = paths.split_last().unwrap();
                for source in sources {
                    let let_in = ignored.lines().any(|line| line.strip_prefix('!') == Some(source));
                    match from {
                        Some(stage) => assert!(stages.contains(stage), "no stage {stage}"),
                        None => assert!(root().join(source).exists() && let_in, "{source} is not there"),
                    }
                }
                copies += 1;
            }
            _ => {}
        }
    }
    assert!(copies > 3 && !stages.is_empty());
}

#[test]
fn the_compiler_is_the_one_of_the_workspace() {
    let toolchain = read("rust-toolchain.toml");
    let channel = toolchain.split('"').nth(1).unwrap();
    assert!(read(DOCKERFILE).contains(&format!("FROM rust:{channel}-")), "{channel}");
}

#[test]
fn the_binaries_it_builds_are_those_of_the_workspace() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(root())
        .output();
    let metadata: Value = serde_json::from_slice(&metadata.unwrap().stdout).unwrap();
    let defaults = metadata["workspace_default_members"].as_array().unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let targets = packages
        .filter(|package| defaults.contains(&package["id"]))
        .flat_map(|package| package["targets"].as_array().unwrap());
    let binaries_of_workspace: BTreeSet<String> = targets
        .filter(|target| target["kind"][0] == "bin")
        .map(|target| format!("/usr/local/bin/{}", target["name"].as_str().unwrap()))
        .collect();
    assert_eq!(binaries(), binaries_of_workspace);
}

#[test]
fn it_runs_as_nobody_in_particular_and_stops_and_answers_as_the_server_does() {
    assert!(user() > 1000);
    assert_eq!(last("STOPSIGNAL"), "SIGTERM");
    let entry: Vec<String> = serde_json::from_str(&last("ENTRYPOINT")).unwrap();
    assert!(binaries().contains(&entry[0]));
    let (_, check) = last("HEALTHCHECK")
        .split_once(" CMD ")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let check: Vec<String> = serde_json::from_str(&check).unwrap();
    assert!(
        binaries().contains(&check[0]),
        "{check:?}: the image has no shell and no other program"
    );
    assert_eq!(last("EXPOSE"), port().to_string());
    let secrets = ["SECRET_KEY", "TOKEN_KEYS", "DATABASE_URL", "PASSWORD_PEPPER"];
    assert!(secrets.iter().all(|secret| !environment().contains_key(*secret)));
    assert_eq!(environment()["APP_ENV"], "production");
}

#[test]
fn hadolint_has_no_complaint() {
    let mut command = Command::new("hadolint");
    if let Some(output) = validate(command.arg(root().join(DOCKERFILE))) {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
