"""What the commands of LaTeX stand for in Unicode."""

from __future__ import annotations

from typing import Final


def _pairs(text: str) -> dict[str, str]:
    """Read names, each followed by what it stands for."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SIGNS: Final = _pairs(r"""
    alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ
    sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ
    Phi Φ Psi Ψ Omega Ω varepsilon ε vartheta ϑ varphi φ varrho ϱ varsigma ς
    times × cdot · div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet • le ≤ leq ≤ leqslant ≤ ge ≥ geq ≥ geqslant ≥ ne ≠ neq ≠
    approx ≈ equiv ≡ sim ∼ simeq ≃ cong ≅ propto ∝ ll ≪ gg ≫ lt < gt > infty ∞ partial ∂ nabla ∇ sum ∑ prod ∏ int ∫
    iint ∬ oint ∮ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ cup ∪ cap ∩ setminus ∖ emptyset ∅
    varnothing ∅ forall ∀ exists ∃ land ∧ wedge ∧ lor ∨ vee ∨ neg ¬ lnot ¬ oplus ⊕ otimes ⊗ to → rightarrow →
    longrightarrow ⟶ leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ implies ⇒ Longrightarrow ⟹ Leftarrow ⇐ iff ⇔
    Leftrightarrow ⇔ mapsto ↦ uparrow ↑ downarrow ↓ rightleftharpoons ⇌ ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱
    dotsc … dotsb ⋯ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ mid | vert | lvert | rvert | Vert ‖ parallel ∥
    perp ⊥ angle ∠ triangle △ square □ because ∵ therefore ∴ hbar ℏ ell ℓ Re ℜ Im ℑ aleph ℵ prime ′ degree °
    lbrace { rbrace } lbrack [ rbrack ] backslash \ checkmark ✓ top ⊤
""")
AROUND: Final = frozenset("×÷±∓≤≥≠≈≡∼≃≅∝≪≫∈∉⊂⊆⊃⊇∪∩∖∧∨→⟶←↔⇒⟹⇐⇔↦⇌⊕⊗")
"""Signs that have a space on both sides."""
FUNCTIONS: Final = _names("""
    sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp lim max min sup inf det dim ker gcd mod
    deg arg Pr limsup liminf
""")
SPACES: Final = frozenset((",", ";", ":", " ", "\n", "quad", "qquad", "enspace", "thinspace", "medspace", "space"))
SILENT: Final = _names("""
    left right big Big bigg Bigg bigl bigr Bigl Bigr displaystyle textstyle scriptstyle limits nolimits ! / nonumber
""")
WORDS: Final = _names("text textbf textit textrm mbox hbox")
"""Commands whose argument is words."""
STYLES: Final = _names("mathrm mathbf mathit mathsf mathtt mathcal mathscr operatorname boldsymbol bm boxed")
"""Commands that change the look of their argument only."""
LINES: Final = _names("aligned align align* gathered gather gather* split cases equation equation*")
"""Surroundings that are lines below each other."""
ACCENTS: Final = _pairs("hat \u0302 widehat \u0302 bar \u0304 overline \u0305 vec \u20d7 tilde \u0303 dot \u0307")
DOUBLE: Final = _pairs("R ℝ N ℕ Z ℤ Q ℚ C ℂ P ℙ E 𝔼 H ℍ F 𝔽")
ROOTS: Final = {"": "√", "2": "√", "3": "∛", "4": "∜"}
HIGH: Final = _pairs("""
    0 ⁰ 1 ¹ 2 ² 3 ³ 4 ⁴ 5 ⁵ 6 ⁶ 7 ⁷ 8 ⁸ 9 ⁹ + ⁺ - ⁻ − ⁻ = ⁼ ( ⁽ ) ⁾ a ᵃ b ᵇ c ᶜ d ᵈ e ᵉ f ᶠ g ᵍ h ʰ i ⁱ j ʲ k ᵏ l ˡ m ᵐ
    n ⁿ o ᵒ p ᵖ r ʳ s ˢ t ᵗ u ᵘ v ᵛ w ʷ x ˣ y ʸ z ᶻ ′ ′ T ᵀ * *
""")
LOW: Final = _pairs("""
    0 ₀ 1 ₁ 2 ₂ 3 ₃ 4 ₄ 5 ₅ 6 ₆ 7 ₇ 8 ₈ 9 ₉ + ₊ - ₋ − ₋ = ₌ ( ₍ ) ₎ a ₐ e ₑ h ₕ i ᵢ j ⱼ k ₖ l ₗ m ₘ n ₙ o ₒ p ₚ r ᵣ s ₛ
    t ₜ u ᵤ v ᵥ x ₓ
""")
