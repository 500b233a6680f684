use std::{fs, path::Path, process::Command};

const SERVICES: &[&str] = &["registry", "interactions", "complaints", "scoring"];

/// Asks each service's own program for its document, which needs no configuration.
pub fn run(root: &Path) -> Result<(), String> {
    let programs = crate::built(root, "dev")?;
    for service in SERVICES {
        let output = Command::new(programs.join(service))
            .arg("openapi")
            .output()
            .map_err(|error| format!("{service}: {error}"))?;
        if !output.status.success() {
            return Err(format!("{service} openapi: {}", String::from_utf8_lossy(&output.stderr)));
        }
        let path = root.join(format!("crates/{service}-contract/openapi.json"));
        let changed = fs::read(&path).is_ok_and(|before| before != output.stdout);
        fs::write(&path, &output.stdout).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("{}{}", path.display(), if changed { " (changed)" } else { "" });
    }
    Ok(())
}
