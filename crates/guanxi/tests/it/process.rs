//! The program itself, as a user starts it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn guanxi(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guanxi"));
    command.args(arguments).env_remove("GUANXI_BOOTSTRAP_API_KEY");
    command
}

fn run(arguments: &[&str]) -> (Output, String) {
    let output = guanxi(arguments).output().expect("started");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, told)
}

struct Server {
    process: Child,
    greeting: String,
}

impl Server {
    /// Starts, and reads what it tells until it serves.
    fn start(data: &Path) -> Self {
        let data = data.to_str().expect("UTF-8");
        let mut process = guanxi(&["serve", "--data", data, "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let mut greeting = String::new();
        for line in lines.by_ref().map_while(Result::ok) {
            greeting.push_str(&line);
            greeting.push('\n');
            if line.starts_with("Stop with") {
                break;
            }
        }
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, greeting }
    }

    fn address(&self) -> &str {
        let start = self.greeting.find("http://127.0.0.1:").expect("an address") + "http://".len();
        let rest = &self.greeting[start..];
        &rest[..rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':')).unwrap_or(rest.len())]
    }

    /// Asks it to stop as a service manager does.
    fn stop(mut self) -> Option<i32> {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("sent").success());
        self.process.wait().expect("stopped").code()
    }
}

#[test]
fn serves_prints_how_to_log_in_and_stops_when_asked() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    assert!(server.greeting.contains("admin"), "{}", server.greeting);

    let folder = data.path().to_str().expect("UTF-8");
    let (second, told) = run(&["serve", "--data", folder, "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(told.contains("in use by another guanxi process"), "{told}");

    let elsewhere = tempfile::tempdir().expect("a folder");
    let (taken, told) =
        run(&["serve", "--data", elsewhere.path().to_str().expect("UTF-8"), "--listen", server.address()]);
    assert_eq!(taken.status.code(), Some(1));
    assert!(told.contains("is taken") && told.contains("--listen"), "{told}");

    assert_eq!(server.stop(), Some(0));
}

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn serves_with_few_heaps_in_the_same_process() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    let environment = std::fs::read(format!("/proc/{}/environ", server.process.id())).expect("readable");
    let environment = String::from_utf8_lossy(&environment).into_owned();
    assert!(environment.split('\0').any(|one| one == "MALLOC_ARENA_MAX=2"));
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn refuses_what_it_does_not_understand() {
    for (arguments, expected) in [
        (&["openapi", "nothing"][..], "no service"),
        (&["redrive", "scoring", "--data", "/nowhere/at/all"], "does not exist"),
        (&["import", "customers", "/nowhere.csv", "--api-key", "k"], "cannot read /nowhere.csv"),
    ] {
        let (output, told) = run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {told}");
        assert!(told.contains(expected), "{arguments:?}: {told}");
    }
}

#[test]
fn prints_documents_and_keys() {
    let (merged, told) = run(&["openapi"]);
    let document: serde_json::Value = serde_json::from_slice(&merged.stdout).expect(&told);
    for path in ["/api/v1/customers", "/api/v1/interactions", "/api/v1/complaints", "/api/v1/scores", "/api/v1/me"] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
    let (registry, _) = run(&["openapi", "registry"]);
    let document: serde_json::Value = serde_json::from_slice(&registry.stdout).expect("JSON");
    assert!(document["paths"]["/api/v1/customers"].is_object());

    let (one, _) = run(&["keys"]);
    let (other, _) = run(&["keys"]);
    assert_ne!(one.stdout, other.stdout);
    assert_eq!(String::from_utf8_lossy(&one.stdout).lines().filter(|line| line.contains('=')).count(), 2);
}
