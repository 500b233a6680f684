//! What the tests of contracts hold their events against.

use std::{env, fmt::Debug, fs};

use crate::Event;

/// Compares an event with its file among the contract's: `wire::assert_golden!(GOLDEN, event)`.
#[macro_export]
macro_rules! assert_golden {
    ($golden:expr, $event:expr $(,)?) => {
        $crate::golden::assert_is($golden, concat!(env!("CARGO_MANIFEST_DIR"), "/golden"), &$event)
    };
}

/// # Panics
/// When the event is not written as in its file, or the file is not read as the event. `GUANXI_UPDATE_GOLDEN=1` writes the
/// file instead.
pub fn assert_is<E: Event + PartialEq + Debug>(golden: &[(&str, &str)], folder: &str, event: &E) {
    let name = E::TYPE;
    let written = serde_json::to_string_pretty(event).expect("an event that is JSON") + "\n";
    if env::var_os("GUANXI_UPDATE_GOLDEN").is_some() {
        fs::write(format!("{folder}/{name}.json"), &written).expect("writing the golden file");
        return;
    }
    let golden = golden.iter().find(|(known, _)| *known == name).expect("a golden file of the event").1;
    assert_eq!(written, golden, "the event {name} changed shape");
    assert_eq!(&serde_json::from_str::<E>(golden).expect("a golden file that is read"), event);
}
