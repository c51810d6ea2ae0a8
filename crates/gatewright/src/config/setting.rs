//! What is known about a setting before anybody gives it a value.

/// One setting. Parsing, `config explain`, `.env.example` and the README's table all go by it.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// The name of the environment variable.
    pub name: &'static str,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// What holds where it is not given.
    pub default: DefaultValue,
    /// A value it could have.
    pub example: &'static str,
    /// What of its value may be shown.
    pub exposure: Exposure,
    /// Who reads the file that `NAME_FILE` names.
    pub file: FileReading,
}

/// Who reads the file that `NAME_FILE` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileReading {
    /// The configuration, once.
    Once,
    /// Whoever uses the setting, again whenever the file changes.
    Followed,
}

/// What holds where a setting is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultValue {
    /// This value, parsed like a given one.
    Value(&'static str),
    /// Something that follows from elsewhere, in words.
    Derived(&'static str),
}

/// What of a setting's value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// All of it.
    Open,
    /// All but the user information of a URL.
    UrlWithCredentials,
    /// Nothing.
    Secret,
}

const LONGEST_VALUE_SHOWN: usize = 80;

impl Setting {
    /// A setting with a default.
    pub(crate) const fn new(name: &'static str, default: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            meaning,
            default: DefaultValue::Value(default),
            example: default,
            exposure: Exposure::Open,
            file: FileReading::Once,
        }
    }

    /// A setting whose default follows from elsewhere, as `default` says.
    pub(crate) const fn derived(
        name: &'static str,
        default: &'static str,
        example: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            meaning,
            default: DefaultValue::Derived(default),
            example,
            exposure: Exposure::Open,
            file: FileReading::Once,
        }
    }

    /// The same, its value never shown.
    pub(crate) const fn secret(self) -> Self {
        Self {
            exposure: Exposure::Secret,
            ..self
        }
    }

    /// The same, its file left to whoever uses it.
    pub(crate) const fn followed_file(self) -> Self {
        Self {
            file: FileReading::Followed,
            ..self
        }
    }

    /// The same, its value shown without user name and password.
    pub(crate) const fn url_with_credentials(self) -> Self {
        Self {
            exposure: Exposure::UrlWithCredentials,
            ..self
        }
    }

    /// `NAME=example`, as it may stand in `.env` and in a shell.
    #[must_use]
    pub fn example_line(&self) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@,+=%?".contains(c);
        if self.example.chars().all(plain) {
            format!("{}={}", self.name, self.example)
        } else {
            format!("{}='{}'", self.name, self.example)
        }
    }

    /// As much of `value` as may be shown.
    #[must_use]
    pub fn shown(&self, value: &str) -> String {
        match self.exposure {
            Exposure::Open => value.to_owned(),
            Exposure::UrlWithCredentials => without_user_information(value),
            Exposure::Secret => "(hidden)".to_owned(),
        }
    }

    pub(crate) fn shown_in_fault(&self, value: &str) -> String {
        if self.exposure == Exposure::Secret {
            return "its value".to_owned();
        }
        let shown = self.shown(value);
        if shown.chars().count() > LONGEST_VALUE_SHOWN {
            let start: String = shown.chars().take(LONGEST_VALUE_SHOWN).collect();
            return format!("{:?}", start + "…");
        }
        format!("{shown:?}")
    }
}

/// `url` without whatever stands before its host's `@`, and without parameters where a password is among them. Of what is no URL
/// nobody knows which part is the password, so nothing is told.
#[must_use]
pub fn without_user_information(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return "…".to_owned();
    };
    let rest = match rest.split_once('?') {
        Some((place, parameters)) if parameters.to_ascii_lowercase().contains("pass") => format!("{place}?…"),
        _ => rest.to_owned(),
    };
    match rest.rsplit_once('@') {
        Some((_, place)) => format!("{scheme}://…@{place}"),
        None => format!("{scheme}://{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let setting = Setting::new("X", "x", "…").secret();
        assert_eq!(setting.shown("hunter2"), "(hidden)");
        assert_eq!(setting.shown_in_fault("hunter2"), "its value");
    }

    #[test]
    fn a_url_is_shown_without_its_credentials() {
        let setting = Setting::new("X", "x", "…").url_with_credentials();
        assert_eq!(setting.shown("smtp://ann:p@ss@mail:25"), "smtp://…@mail:25");
        assert_eq!(setting.shown("sqlite://data/x.db"), "sqlite://data/x.db");
        assert_eq!(setting.shown("postgres://db/x?Password=p@ss"), "postgres://db/x?…");
        assert_eq!(
            setting.shown("postgres://u:p@db/x?sslmode=require"),
            "postgres://…@db/x?sslmode=require"
        );
        for no_url in ["host=db password=p@ss", "postgres//u:pass@db/x", "pass"] {
            assert_eq!(setting.shown_in_fault(no_url), "\"…\"");
        }
    }

    #[test]
    fn an_example_with_spaces_is_quoted() {
        let setting = Setting::new("X", "a <b@c>", "…");
        assert_eq!(setting.example_line(), "X='a <b@c>'");
    }

    #[test]
    fn a_long_value_and_a_line_break_do_not_break_the_line() {
        let setting = Setting::new("X", "x", "…");
        let shown = setting.shown_in_fault(&"line\n".repeat(1000));
        assert!(shown.len() < 200 && !shown.contains('\n'), "{shown}");
    }
}
