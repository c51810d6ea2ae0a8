//! What is written about the settings, all of it from the one table.

use crate::config::environment::APP_ENV;
use crate::config::given::{Given, Origin};
use crate::config::logging::LOG_LEVEL;
use crate::config::server::{BIND, PUBLIC_BASE_URL};
use crate::config::setting::{DefaultValue, Setting};
use crate::config::settings::{SECTIONS, Section};
use crate::config::storage::DATA_DIR;
use secrecy::ExposeSecret;

const OFTEN_NEEDED: [&Setting; 5] = [&APP_ENV, &BIND, &PUBLIC_BASE_URL, &DATA_DIR, &LOG_LEVEL];

/// The whole of `.env.example`: every setting with its meaning, commented out.
#[must_use]
pub fn env_example() -> String {
    let mut lines = vec![
        "# Every setting of Gatewright, with its default where it has one. Copy the file to `.env` and uncomment what"
            .to_owned(),
        "# you change. The process environment wins over `.env`; NAME_FILE names a file that holds the value of NAME."
            .to_owned(),
        "# Written by `gatewright config explain --format env`.".to_owned(),
    ];
    for section in &SECTIONS {
        lines.push(format!("\n## {}", section.title));
        for setting in section.settings {
            lines.push(format!("# {}", plain(setting.meaning)));
            if let DefaultValue::Derived(default) = setting.default {
                lines.push(format!("# Default: {default}. Example:"));
            }
            lines.push(format!("#{}", setting.example_line()));
        }
    }
    lines.join("\n") + "\n"
}

/// The settings that are needed most often, one a line, for `--help`.
#[must_use]
pub fn help_hints() -> String {
    let hint = |setting: &&Setting| format!("  {:<16} {}", setting.name, plain(setting.meaning));
    let lines: Vec<String> = OFTEN_NEEDED.iter().map(hint).collect();
    lines.join("\n")
}

/// A Markdown table of every setting, as in the README.
#[must_use]
pub fn markdown_table() -> String {
    let mut lines = vec!["| setting | default | meaning |".to_owned(), "|---|---|---|".to_owned()];
    for setting in SECTIONS.iter().flat_map(|section| section.settings) {
        let default = match setting.default {
            DefaultValue::Value(value) => format!("`{value}`"),
            DefaultValue::Derived(words) => words.to_owned(),
        };
        lines.push(format!("| `{}` | {default} | {} |", setting.name, setting.meaning));
    }
    lines.join("\n") + "\n"
}

/// What holds for every setting here and now, where that comes from, and what it means. Secrets are not shown.
#[must_use]
pub fn explanation(given: &Given) -> String {
    let sections: Vec<String> = SECTIONS
        .iter()
        .map(|section| explained_section(section, given))
        .collect();
    sections.join("\n")
}

fn explained_section(section: &Section, given: &Given) -> String {
    let settings: Vec<String> = section
        .settings
        .iter()
        .map(|setting| explained(setting, given))
        .collect();
    format!("{}\n{}", section.title, settings.concat())
}

fn explained(setting: &Setting, given: &Given) -> String {
    let (value, origin) = match (given.value(setting), setting.default) {
        (Some(value), _) => (
            setting.shown(value.text.expose_secret()),
            origin_in_words(&value.origin),
        ),
        (None, DefaultValue::Value(default)) => (default.to_owned(), "default".to_owned()),
        (None, DefaultValue::Derived(default)) => (format!("({default})"), "default".to_owned()),
    };
    format!(
        "  {} = {value}   [{origin}]\n      {}\n",
        setting.name,
        plain(setting.meaning)
    )
}

fn origin_in_words(origin: &Origin) -> String {
    match origin {
        Origin::Environment => "environment".to_owned(),
        Origin::DotEnv => ".env".to_owned(),
        Origin::File(path) => format!("file {path}"),
    }
}

/// Without Markdown's code marks.
fn plain(meaning: &str) -> String {
    meaning.replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::all_settings;

    #[test]
    fn the_readme_lists_every_setting() {
        let readme = include_str!("../../../../README.md");
        let written = readme
            .split_once("--format markdown` -->\n")
            .and_then(|(_, rest)| rest.split_once("\n<!-- end of settings -->"));
        let (table, _) = written.unwrap();
        assert_eq!(
            table.trim(),
            markdown_table().trim(),
            "write it anew: gatewright config explain --format markdown"
        );
    }

    #[test]
    fn the_sample_file_says_what_the_table_says() {
        let file = include_str!("../../../../.env.example");
        assert_eq!(
            file,
            env_example(),
            "write it anew: gatewright config explain --format env > .env.example"
        );
    }

    #[test]
    fn the_sample_file_can_be_uncommented_as_it_is() {
        let file = env_example();
        let lines = file.lines().filter_map(|line| line.strip_prefix('#'));
        let settings: Vec<&str> = lines
            .filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))
            .collect();
        let text = settings.join("\n");
        let read: Vec<(String, String)> = dotenvy::from_read_iter(text.as_bytes()).map(Result::unwrap).collect();
        let wanted: Vec<(String, String)> = all_settings()
            .map(|setting| (setting.name.to_owned(), setting.example.to_owned()))
            .collect();
        assert_eq!(read, wanted);
    }

    #[test]
    fn the_markdown_table_has_a_row_for_every_setting() {
        let table = markdown_table();
        assert_eq!(table.lines().count(), all_settings().count() + 2);
        assert!(table.contains("| `BIND` | `127.0.0.1:8000` | address and port"));
    }

    #[test]
    fn an_explanation_tells_value_origin_and_meaning() {
        let given = Given::gather([("WORKERS".into(), "3".into())].into_iter(), "SECRET_KEY=canary\n");
        let text = explanation(&given);
        assert!(
            text.contains("WORKERS = 3   [environment]\n      threads that answer requests"),
            "{text}"
        );
        assert!(text.contains("SECRET_KEY = (hidden)   [.env]"), "{text}");
        assert!(text.contains("BIND = 127.0.0.1:8000   [default]"), "{text}");
        assert!(text.contains("TOKEN_ISSUER = (PUBLIC_BASE_URL)   [default]"), "{text}");
    }
}
