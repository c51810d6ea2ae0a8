//! One adapter under two keys.

/// An adapter and a second one like it, whose key is that of another server.
#[derive(Debug)]
pub(crate) struct TwoKeys<'a, Port: ?Sized> {
    pub(crate) ours: &'a Port,
    pub(crate) theirs: &'a Port,
}

impl<Port: ?Sized> Clone for TwoKeys<'_, Port> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Port: ?Sized> Copy for TwoKeys<'_, Port> {}

/// Every text that differs from `text` in one character, and those that are cut off or have something added.
pub(crate) fn forgeries_of(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let with_other_character = (0..characters.len()).map(|place| {
        let mut forged = characters.clone();
        forged[place] = another_like(forged[place]);
        forged.into_iter().collect()
    });
    let cut_off = [1, characters.len() / 2, characters.len()].map(|cut| {
        let kept = characters.len() - cut;
        characters.iter().take(kept).collect()
    });
    let longer = ["A", ".", "=", " ", "\0"].map(|tail| format!("{text}{tail}"));
    let doubled = [format!("{text}{text}"), format!(" {text}"), format!("{text}.{text}")];
    with_other_character
        .chain(cut_off)
        .chain(longer)
        .chain(doubled)
        .collect()
}

/// Of the same kind, so that the text keeps its form.
fn another_like(character: char) -> char {
    match character {
        '0' => '1',
        '0'..='9' => '0',
        'a' => 'b',
        'a'..='z' => 'a',
        'A' => 'B',
        _ => 'A',
    }
}
