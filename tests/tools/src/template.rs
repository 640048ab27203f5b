//! `template.yaml` as the tests read it: intrinsic functions are left as their arguments.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::captures::data;
use crate::policy::{Condition, Statement};

/// The template.
#[derive(Debug, Clone)]
pub struct Template {
    root: Value,
}

impl Template {
    /// Reads the template of the repository.
    ///
    /// # Panics
    /// It is no YAML.
    #[must_use]
    pub fn read() -> Self {
        let text = std::fs::read_to_string(data("../../template.yaml")).unwrap();
        Self { root: serde_saphyr::from_str(&text).unwrap() }
    }

    /// A section, such as `Parameters`.
    #[must_use]
    pub fn section(&self, name: &str) -> &Value {
        &self.root[name]
    }

    /// The properties of a resource.
    #[must_use]
    pub fn properties(&self, resource: &str) -> &Value {
        &self.root["Resources"][resource]["Properties"]
    }

    /// The resources of a type, with their logical names.
    pub fn resources<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let all = self.root["Resources"].as_object().into_iter().flatten();
        all.filter(move |(_, resource)| resource["Type"] == kind).map(|(name, resource)| (&**name, resource))
    }

    /// The functions: names of the binaries and logical names.
    ///
    /// # Panics
    /// One has no binary.
    #[must_use]
    pub fn functions(&self) -> BTreeMap<String, String> {
        let binary = |resource: &Value| resource["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap().to_owned();
        self.resources("AWS::Serverless::Function")
            .map(|(name, resource)| (binary(resource), name.to_owned()))
            .collect()
    }

    /// The environment of a function, by its logical name, with the values as the template writes them.
    #[must_use]
    pub fn environment(&self, function: &str) -> BTreeMap<String, Value> {
        let of = |holder: &Value| holder["Environment"]["Variables"].as_object().cloned().unwrap_or_default();
        of(&self.root["Globals"]["Function"]).into_iter().chain(of(self.properties(function))).collect()
    }

    /// The events of a function of one type.
    pub fn events<'a>(&'a self, function: &str, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        let all = self.properties(function)["Events"].as_object().into_iter().flatten();
        all.map(|(_, event)| event).filter(move |event| event["Type"] == kind).map(|event| &event["Properties"])
    }

    /// The routes: paths and methods with the names of the binaries that serve them; `$default` is the one without a path.
    ///
    /// # Panics
    /// One stands there twice.
    #[must_use]
    pub fn routes(&self) -> BTreeMap<(String, String), String> {
        let mut routes = BTreeMap::new();
        for (binary, function) in self.functions() {
            for route in self.events(&function, "HttpApi") {
                let text = |name: &str, absent: &str| route[name].as_str().unwrap_or(absent).to_owned();
                let route = (text("Path", "$default"), text("Method", "ANY"));
                let earlier = routes.insert(route.clone(), binary.clone());
                assert!(earlier.is_none(), "{route:?} stands in the template twice");
            }
        }
        routes
    }

    /// The binary that API Gateway hands a request for `path` to: the most specific route that takes the method wins, one of this
    /// method alone before one of any.
    ///
    /// # Panics
    /// There is no `$default`.
    #[must_use]
    pub fn route(&self, method: &str, path: &str) -> String {
        let routes = self.routes();
        let takes = |own: &str| own == "ANY" || own == method;
        let fitting = routes.iter().filter(|((_, own), _)| takes(own));
        let best = fitting.filter_map(|((route, own), binary)| Some((specificity(route, path)?, own != "ANY", binary)));
        let default = || routes[&("$default".to_owned(), "ANY".to_owned())].clone();
        best.max().map_or_else(default, |(.., binary)| binary.clone())
    }

    /// What a function's role allows, by the logical name of the function.
    ///
    /// # Panics
    /// The role is not as the others are.
    #[must_use]
    pub fn statements(&self, function: &str) -> Vec<Statement> {
        let role = self.properties(&format!("{function}Role"));
        let policies = role["Policies"].as_array().unwrap();
        let texts = |value: &Value| match value {
            Value::Array(list) => list.iter().map(|text| text.as_str().unwrap().to_owned()).collect(),
            other => other.as_str().map(str::to_owned).into_iter().collect::<Vec<_>>(),
        };
        let statements = policies.iter().flat_map(|p| p["PolicyDocument"]["Statement"].as_array().unwrap());
        statements
            .map(|statement| Statement {
                is_deny: statement["Effect"] == "Deny",
                actions: texts(&statement["Action"]),
                resource: statement["Resource"].as_str().unwrap().to_owned(),
                conditions: conditions(&statement["Condition"], texts),
            })
            .collect()
    }
}

/// How well a route fits a path, segment by segment: a literal before a variable, that before the rest of the path.
fn specificity(route: &str, path: &str) -> Option<Vec<u8>> {
    let mut actual = path.split('/');
    let mut found = Vec::new();
    for expected in route.split('/') {
        let segment = actual.next()?;
        if expected.ends_with("+}") {
            found.push(0);
            return (!segment.is_empty()).then_some(found);
        }
        if expected.starts_with('{') && !segment.is_empty() {
            found.push(1);
        } else if expected == segment {
            found.push(2);
        } else {
            return None;
        }
    }
    actual.next().is_none().then_some(found)
}

/// The conditions of a statement: operator, key, values.
fn conditions(written: &Value, texts: impl Fn(&Value) -> Vec<String>) -> Vec<Condition> {
    let operators = written.as_object().into_iter().flatten();
    let keys =
        operators.flat_map(|(operator, keys)| keys.as_object().into_iter().flatten().map(move |key| (operator, key)));
    keys.map(|(operator, (key, values))| Condition::read(operator, key, texts(values))).collect()
}

/// The environment variables that a program reads, as its source names them.
///
/// # Panics
/// There is no such file.
#[must_use]
pub fn variables_in(files: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(data("../..").join(file)).unwrap();
        // Whatever stands in quotes and looks like a variable's name.
        let quoted = text.split('"').skip(1).step_by(2);
        let is_name = |word: &&str| {
            word.len() > 5 && word.contains('_') && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        };
        found.extend(quoted.filter(is_name).map(str::to_owned));
    }
    found
}
