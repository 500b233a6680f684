use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::process::{Child, Command};

use crate::{Api, PATIENCE, eventually};

/// Where the programs are.
#[derive(Clone, Debug)]
pub struct Build(PathBuf);

impl Build {
    /// The programs of the build that this one belongs to.
    #[must_use]
    pub fn this() -> Self {
        let program = std::env::current_exe().expect("a running program has a path");
        let folder = program.parent().expect("a program lies in a folder");
        // Tests lie one folder deeper than programs.
        Self(if folder.ends_with("deps") {
            folder.parent().expect("deps lies in a profile").into()
        } else {
            folder.into()
        })
    }

    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    fn program(&self, name: &str) -> PathBuf {
        let path = self.0.join(name);
        assert!(path.is_file(), "{} is not built: cargo build --workspace --bins", path.display());
        path
    }
}

/// One process of a system: started, killed and started again with the same settings.
pub(crate) struct Program {
    name: &'static str,
    path: PathBuf,
    args: Vec<String>,
    settings: Vec<(String, String)>,
    address: String,
    log: PathBuf,
    child: Option<Child>,
}

impl Program {
    /// `address` is where it will listen.
    pub fn new(build: &Build, name: &'static str, address: &str, folder: &Path) -> Self {
        Self {
            name,
            path: build.program(name),
            args: vec!["serve".into()],
            settings: Vec::new(),
            address: address.into(),
            log: folder.join(format!("{name}.log")),
            child: None,
        }
    }

    /// Another process of the same program, with a log of its own. A setting that is set again counts instead of the
    /// one before.
    pub fn twin(&self, name: &'static str, address: &str) -> Self {
        Self {
            name,
            path: self.path.clone(),
            args: self.args.clone(),
            settings: self.settings.clone(),
            address: address.into(),
            log: self.log.with_file_name(format!("{name}.log")),
            child: None,
        }
    }

    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    pub fn start(&mut self) {
        let log = || -> File {
            let opened = OpenOptions::new().create(true).append(true).open(&self.log);
            opened.unwrap_or_else(|error| panic!("{}: {error}", self.log.display()))
        };
        let child = self.process(&self.args).stdout(log()).stderr(log()).spawn();
        self.child = Some(child.unwrap_or_else(|error| panic!("{}: {error}", self.path.display())));
    }

    /// Waits until it says that it is ready, and tells how long that took.
    pub async fn ready(&mut self) -> Duration {
        let begun = Instant::now();
        let api = Api::new(&self.url(), None);
        let name = self.name;
        eventually(&format!("{name} to be ready"), PATIENCE, async || {
            if let Some(child) = &mut self.child
                && let Ok(Some(status)) = child.try_wait()
            {
                panic!("{name} ended with {status}\n{}", self.log_tail());
            }
            api.try_get("//readyz").await
        })
        .await;
        begun.elapsed()
    }

    /// SIGKILL: no last word, no clean-up.
    pub async fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().await.unwrap_or_else(|error| panic!("killing {}: {error}", self.name));
        }
    }

    /// SIGTERM, and it must be gone within 10 seconds as promised.
    pub async fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let pid = child.id().unwrap_or_else(|| panic!("{} is not running\n{}", self.name, self.log_tail()));
        let asked = Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]).status().await;
        assert!(asked.is_ok_and(|status| status.success()), "no SIGTERM for {}", self.name);
        let status = tokio::time::timeout(Duration::from_secs(10), child.wait()).await;
        let status = status.unwrap_or_else(|_| panic!("{} ignores SIGTERM\n{}", self.name, self.log_tail()));
        assert!(status.as_ref().is_ok_and(|s| s.success()), "{} ended with {status:?}\n{}", self.name, self.log_tail());
    }

    /// Runs another subcommand with the settings of `serve`, and gives what it printed.
    pub async fn command(&self, subcommand: &str) -> String {
        let output = self.process(&[subcommand.to_owned()]).output().await;
        let output = output.unwrap_or_else(|error| panic!("{}: {error}", self.path.display()));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{} {subcommand}: {}", self.name, text(&output.stderr));
        text(&output.stdout)
    }

    fn process(&self, args: &[String]) -> Command {
        let mut command = Command::new(&self.path);
        command
            .args(args)
            // The settings of whoever runs the tests are not those of the system under test.
            .env_clear()
            .envs(std::env::vars().filter(|(name, _)| !name.starts_with("GUANXI_")))
            .envs(self.settings.iter().cloned())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    pub fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(30)..].join("\n");
        format!("--- the end of {}'s log\n{tail}", self.name)
    }
}
