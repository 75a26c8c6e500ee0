#!/bin/sh
# Makes the pictures of Docs/Derivations.md from what nabla prints now. Run it from the project's root; it needs
# pdflatex and pdftoppm. Each picture's LaTeX stays beside it: a test compares it with the present output.
set -e
pictures=$(cd "$(dirname "$0")" && pwd)
nabla=${NABLA:-.build/debug/nabla}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
draw() { # name, pages
    "$nabla" latex --style document "Examples/$1.nabla" -o "$pictures/$1.tex"
    (cd "$work" && pdflatex -interaction=batchmode "$pictures/$1.tex" >/dev/null)
    for page in $2; do
        pdftoppm -png -singlefile -r 90 -x 80 -y 80 -W 584 -H 880 -f "$page" -l "$page" "$work/$1.pdf" "$pictures/$1-$page"
    done
}
draw OneNeuronChain "2 3"
draw MultiNeuron "2 3"
