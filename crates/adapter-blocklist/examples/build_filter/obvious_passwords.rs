//! What people make of a short password when a long one is asked for. Lists of breached passwords hold few of these,
//! since most of the places that were breached asked for eight characters.

use std::collections::BTreeSet;

const SHORTEST: usize = 8;
const LONGEST: usize = 64;

/// Ways over a keyboard, and along the alphabet and the digits.
const WALKS: [&str; 31] = [
    "1234567890",
    "123456789",
    "0123456789",
    "1234",
    "12345",
    "123456",
    "112233445566778899",
    "abcdefghijklmnopqrstuvwxyz",
    "aabbccddeeffgghhiijjkkllmmnnooppqqrrssttuuvvwwxxyyzz",
    "a1b2c3d4e5f6g7h8i9",
    "abc123",
    "abcd1234",
    "qwerty",
    "asdf",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertz",
    "qwertzuiop",
    "yxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azerty",
    "azertyuiop",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "!@#$%^&*()",
    "1!2@3#4$5%6^7&8*9(0)",
];

/// Obvious passwords, given the common ones with the most common first.
pub(crate) fn obvious_passwords(common: &[String]) -> BTreeSet<String> {
    let words: Vec<&str> = common
        .iter()
        .map(String::as_str)
        .filter(|word| word.len() >= 3)
        .collect();
    let first = |count: usize| words.get(..count).unwrap_or(&words);
    let mut passwords = BTreeSet::new();
    passwords.extend(one_character_again_and_again());
    passwords.extend(walks());
    passwords.extend(repetitions(first(1000)));
    passwords.extend(pairs(first(200)));
    passwords.extend(with_an_ending(first(1000)));
    passwords.extend(filled_up(first(1000)));
    passwords
}

/// `aaaaaaaaaaaaaaa`, of every character on a keyboard.
fn one_character_again_and_again() -> impl Iterator<Item = String> {
    let characters = (' '..='~').filter(|c| !c.is_ascii_uppercase());
    characters.flat_map(|c| (SHORTEST..=LONGEST).map(move |length| c.to_string().repeat(length)))
}

/// `qwertyuiopasdfgh`, `ghijklmnopqrstu`, `987654321098765`: every walk from every start, forwards and backwards.
fn walks() -> impl Iterator<Item = String> {
    let directions = WALKS
        .into_iter()
        .flat_map(|walk| [walk.to_owned(), walk.chars().rev().collect()]);
    directions.flat_map(|walk| {
        let starts = 0..walk.len();
        starts.flat_map(move |start| {
            let endless: String = walk.chars().cycle().skip(start).take(LONGEST).collect();
            (SHORTEST..=LONGEST).filter_map(move |length| endless.get(..length).map(str::to_owned))
        })
    })
}

/// `passwordpassword`, `password password`.
fn repetitions(words: &[&str]) -> impl Iterator<Item = String> {
    words.iter().flat_map(|word| {
        ["", " "].into_iter().flat_map(move |between| {
            let times = 2..=LONGEST / word.len();
            times.map(move |times| vec![*word; times].join(between))
        })
    })
}

/// `iloveyoupassword`, `iloveyou password`.
fn pairs(words: &[&str]) -> impl Iterator<Item = String> {
    words
        .iter()
        .flat_map(move |one| words.iter().map(move |other| (one, other)))
        .flat_map(|(one, other)| [format!("{one}{other}"), format!("{one} {other}")])
}

/// `password1234567`, `password2026`, `password123!`.
fn with_an_ending(words: &[&str]) -> impl Iterator<Item = String> {
    let digits = "12345678901234567890";
    let counts = (1..=digits.len()).filter_map(|length| digits.get(..length).map(str::to_owned));
    let years = (1950..=2035).map(|year| year.to_string());
    let signs = ["!", "!!", "!!!", "1!", "123!", "!123", "@123", "#1"].map(str::to_owned);
    let endings: Vec<String> = counts.chain(years).chain(signs).collect();
    words.iter().flat_map(move |word| {
        endings
            .iter()
            .map(|ending| format!("{word}{ending}"))
            .collect::<Vec<_>>()
    })
}

/// `password1111111`, `passworddddddd`: a word filled up to the length that the policy asks for.
fn filled_up(words: &[&str]) -> impl Iterator<Item = String> {
    words.iter().flat_map(|word| {
        let last = word.chars().last();
        let fillings = "0123456789!.*-_x".chars().chain(last);
        fillings.flat_map(move |filling| {
            (15..=20_usize).map(move |length| {
                let missing = length.saturating_sub(word.len());
                format!("{word}{}", filling.to_string().repeat(missing))
            })
        })
    })
}
