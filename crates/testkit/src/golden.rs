use std::{env, fs, path::Path};

use serde::Serialize;

/// Compares a value's JSON with a file, named from the calling crate's folder: `golden!("golden/x.json", &value)`.
#[macro_export]
macro_rules! golden {
    ($path:expr, $value:expr $(,)?) => {
        $crate::compare_golden(&::std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join($path), $value)
    };
}

/// # Panics
/// When the file holds something else, or is not there; `GUANXI_UPDATE_GOLDEN=1` writes it instead.
pub fn compare_golden(path: &Path, value: &impl Serialize) {
    let mut now = serde_json::to_string_pretty(value).expect("a value that is JSON");
    now.push('\n');
    if env::var_os("GUANXI_UPDATE_GOLDEN").is_some() {
        write(path, &now);
    } else if let Err(difference) = compare(path, &now) {
        panic!("{}: {difference}\n(GUANXI_UPDATE_GOLDEN=1 writes it)", path.display());
    }
}

fn write(path: &Path, now: &str) {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).expect("a folder for the golden file");
    }
    fs::write(path, now).expect("writing the golden file");
}

fn compare(path: &Path, now: &str) -> Result<(), String> {
    let golden = fs::read_to_string(path).map_err(|error| error.to_string())?;
    if golden == now { Ok(()) } else { Err(format!("\n--- golden\n{golden}--- now\n{now}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/file.json");
        assert!(compare(&path, "1\n").is_err());
        write(&path, "1\n");
        assert_eq!(compare(&path, "1\n"), Ok(()));
        assert_eq!(compare(&path, "2\n"), Err("\n--- golden\n1\n--- now\n2\n".to_owned()));
    }
}
