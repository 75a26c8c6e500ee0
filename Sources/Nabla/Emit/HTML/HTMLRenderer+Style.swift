// How the page looks: in light and dark, on a telephone and on paper.

extension HTMLRenderer {
    /// The beginning of a page, up to and with the body's tag.
    static func head(title: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <title>\(title)</title>
        <style>
        \(style)
        </style>
        </head>
        <body>

        """
    }

    private static let style = """
        :root{color-scheme:light dark;--ink:#1b1d21;--soft:#5c626b;--paper:#fff;--panel:#f5f6f8;--rule:#d9dce1;--link:#005a8c;--path0:#0059c9;--path1:#b84f00;--path2:#00695c;--path3:#8e3b76}
        @media (prefers-color-scheme:dark){:root{--ink:#e4e6ea;--soft:#a0a6b0;--paper:#16181c;--panel:#1f2228;--rule:#3a3f48;--link:#7cc4f2;--path0:#7ab8ff;--path1:#ffa564;--path2:#5fd4c0;--path3:#e59bd0}}
        *{box-sizing:border-box}
        body{margin:0 auto;padding:1.5rem 1.25rem 4rem;max-width:46rem;background:var(--paper);color:var(--ink);font:1.06rem/1.55 "STIX Two Text","Libertinus Serif",Charter,Georgia,Cambria,serif;overflow-wrap:break-word}
        math{font-family:"Latin Modern Math","STIX Two Math","Libertinus Math","Cambria Math",math}
        h1{font-size:1.7rem;line-height:1.25;margin:.5rem 0 1rem}
        h2{font-size:1.25rem;line-height:1.3;margin:2.4rem 0 .6rem;padding-top:.7rem;border-top:1px solid var(--rule)}
        .formula{white-space:nowrap}
        p{margin:.7rem 0}
        .remark{color:var(--soft);margin-bottom:0}
        a{color:var(--link)}
        nav{background:var(--panel);border-radius:.5rem;padding:.4rem 1rem;font-size:.97rem}
        nav ul{list-style:none;margin:.3rem 0;padding:0;columns:17rem 2}
        .wide{overflow-x:auto;overflow-y:hidden;padding:.25rem 0;max-width:100%}
        .wide>math{width:max-content;margin:0 auto 0 0}
        mtd{padding:.32em .12em;text-align:left}
        .wide>math>mtable>mtr>mtd:first-child{text-align:right}
        .cases>mtr>mtd{padding:.2em .5em .2em 0}
        .numbers>mtr>mtd{padding:.12em .45em;text-align:right}
        .grid>mtr:first-child>mtd{border-bottom:1px solid var(--rule)}
        .grid>mtr>mtd:first-child{text-align:left}
        details{background:var(--panel);border-radius:.5rem;margin:.8rem 0;padding:0 .9rem}
        details[open]{padding-bottom:.5rem}
        details[open]>summary{border-bottom:1px solid var(--rule);margin-bottom:.3rem}
        summary{display:flex;align-items:center;gap:.7rem;cursor:pointer;padding:.25rem 0}
        summary::-webkit-details-marker{display:none}
        summary::before{content:"";flex:none;border:.32rem solid transparent;border-left:.5rem solid var(--soft);border-right:0}
        details[open]>summary::before{transform:rotate(90deg)}
        summary>.wide{flex:1;min-width:0}
        summary:focus-visible,.wide:focus-visible,a:focus-visible{outline:2px solid var(--link);outline-offset:2px}
        .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        .note{color:var(--soft);padding-left:2em;font-size:.92em}
        .under{display:none;color:var(--soft);font-size:.92em}
        .under>mtd{padding-top:0;padding-left:1em}
        .path0{color:var(--path0)}.path1{color:var(--path1)}.path2{color:var(--path2)}.path3{color:var(--path3)}
        .paths{list-style:none;padding:0}
        table{border-collapse:collapse;font-size:.97rem}
        th,td{text-align:left;vertical-align:top;padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--rule)}
        tbody th{font-weight:normal}td:nth-child(2){min-width:9rem}td:nth-child(n+3){white-space:nowrap}
        svg{display:block;height:auto;max-width:max(100%,30rem)}
        @media (max-width:36rem){.under{display:table-row}.note{display:none}}
        @media (max-width:32rem){body{padding:1rem .9rem 3rem;font-size:1rem}.wide>math{font-size:.92em}details{padding:0 .6rem;margin-left:-.4rem;margin-right:-.4rem}}
        @media print{body{max-width:none;padding:0;font-size:11pt}nav,summary::before{display:none}details{background:none;padding:0}details::details-content{content-visibility:visible}h2{break-after:avoid}.wide{break-inside:avoid;overflow:visible}}
        """
}
