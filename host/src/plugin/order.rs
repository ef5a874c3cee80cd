//! The order in which providers are opened: each after those whose capabilities it requires.

use membrane::Name;

use super::component::STATE;

/// What one provider needs.
#[derive(Clone, Copy, Debug)]
pub struct Needs<'a> {
    /// Its name.
    pub name: &'a Name,
    /// The capabilities that it requires.
    pub requires: &'a [Name],
}

/// Why there is no such order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// A capability that nobody provides.
    #[error("plugin '{plugin}' requires '{name}', which nobody provides; there are: {}", listed(offered, ", "))]
    Nobody {
        /// The provider that requires it.
        plugin: Name,
        /// The capability.
        name: Name,
        /// Those that are provided, sorted.
        offered: Vec<Name>,
    },
    /// Each requires the next one, and the last one the first.
    #[error("plugins require each other in a circle, so that none can be opened first: {}", listed(.0, " -> "))]
    Circle(Vec<Name>),
}

fn listed(names: &[Name], between: &str) -> String {
    let names: Vec<_> = names.iter().map(Name::as_str).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(between) }
}

/// The places of `plugins` in the order in which they can be opened. `offered` is what the node itself provides. What does
/// not depend on each other keeps its order.
///
/// # Errors
/// Where a required name is provided by nobody, and where there is a circle.
pub fn order(plugins: &[Needs<'_>], offered: &[Name]) -> Result<Vec<usize>, OrderError> {
    let mut order =
        Order { plugins, offered, marks: vec![Mark::New; plugins.len()], path: Vec::new(), done: Vec::new() };
    (0..plugins.len()).try_for_each(|index| order.visit(index))?;
    Ok(order.done)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    /// On the path to the one that is looked at.
    Open,
    Done,
}

struct Order<'a> {
    plugins: &'a [Needs<'a>],
    offered: &'a [Name],
    marks: Vec<Mark>,
    path: Vec<usize>,
    done: Vec<usize>,
}

impl Order<'_> {
    /// Puts a provider behind all that it requires. As deep as there are providers: an operator names each of them.
    fn visit(&mut self, index: usize) -> Result<(), OrderError> {
        match self.marks[index] {
            Mark::Done => return Ok(()),
            Mark::Open => return Err(self.circle(index)),
            Mark::New => {}
        }
        self.marks[index] = Mark::Open;
        self.path.push(index);
        let Needs { name: plugin, requires } = self.plugins[index];
        for name in requires {
            match self.plugins.iter().position(|other| other.name == name) {
                Some(other) => self.visit(other)?,
                // It is no capability that anybody opens.
                None if self.offered.contains(name) || name.as_str() == STATE => {}
                None => return Err(self.nobody(plugin, name)),
            }
        }
        self.path.pop();
        self.marks[index] = Mark::Done;
        self.done.push(index);
        Ok(())
    }

    fn nobody(&self, plugin: &Name, name: &Name) -> OrderError {
        let others = self.plugins.iter().map(|other| other.name).filter(|other| *other != plugin);
        let mut offered: Vec<Name> = self.offered.iter().chain(others).cloned().collect();
        offered.sort();
        OrderError::Nobody { plugin: plugin.clone(), name: name.clone(), offered }
    }

    fn circle(&self, index: usize) -> OrderError {
        let around = self.path.iter().skip_while(|other| **other != index).chain([&index]);
        OrderError::Circle(around.map(|other| self.plugins[*other].name.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().expect("a name")
    }

    /// The order of plugins that are written `name: required required`, in a node that offers `host`.
    fn ordered(plugins: &[&str]) -> Result<String, String> {
        let parsed: Vec<(Name, Vec<Name>)> = plugins
            .iter()
            .map(|text| text.split_once(':').expect("a colon"))
            .map(|(plugin, requires)| (name(plugin), requires.split_whitespace().map(name).collect()))
            .collect();
        let needs: Vec<Needs<'_>> = parsed.iter().map(|(name, requires)| Needs { name, requires }).collect();
        let order = order(&needs, &[name("host")]).map_err(|error| error.to_string())?;
        Ok(order.iter().map(|index| parsed[*index].0.as_str()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn each_comes_after_what_it_requires() {
        for (plugins, expected) in [
            (&[][..], ""),
            (&["b:", "a:", "c: host"], "b a c"),
            (&["a: b c", "b: c", "c:"], "c b a"),
            (&["a: d", "b: d", "c:", "d: host"], "d a b c"),
            (&["a: b b b", "b:"], "b a"),
        ] {
            assert_eq!(ordered(plugins), Ok(expected.to_owned()));
        }
    }

    #[test]
    fn a_name_that_nobody_provides_is_told_those_that_are() {
        let expected = "plugin 'b' requires 'cells', which nobody provides; there are: a, host";
        assert_eq!(ordered(&["a:", "b: a cells"]), Err(expected.to_owned()));
    }

    #[test]
    fn a_circle_is_named_from_end_to_end() {
        for (plugins, circle) in [
            (&["a: a"][..], "a -> a"),
            (&["x: a", "a: b", "b: c", "c: a"], "a -> b -> c -> a"),
            (&["a: host b", "b: host a"], "a -> b -> a"),
        ] {
            let error = ordered(plugins).expect_err("a circle");
            assert!(error.ends_with(&format!(": {circle}")), "{error}");
        }
    }

    #[test]
    fn a_long_chain_is_ordered() {
        let plugins: Vec<String> = (0..1_000).map(|index| format!("p{index}: p{}", index + 1)).collect();
        let plugins: Vec<&str> = plugins.iter().map(String::as_str).chain(["p1000:"]).collect();
        assert!(ordered(&plugins).is_ok_and(|order| order.starts_with("p1000 p999 ") && order.ends_with(" p0")));
    }
}
