"""Every threshold of the reader, with its unit and reason. The one place for reading policy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """Decision thresholds of the reader. Where two differ, what lies between is doubted.

    Attributes:
        min_anchor_correlation: A patch of the blank counts as found from this correlation.
        min_anchors: Fewest patches that make a fit.
        min_agreeing: Share of the side's patches that must agree, else the fit is doubted.
        max_residual_mm: Largest root mean square residual of a trusted fit.
        max_unseen_mm: So much of a page, from its edges, may lie outside the picture. Of 192 simulated
            sheets in colour and grey none lacked more than 8.1 mm, of 96 scanned askew on purpose five 10.
        empty_ink_mm2, marked_ink_mm2: A box with less ink is empty, with more is marked.
        speck_reach_mm, speck_ink_mm2: A box whose ink is shorter both ways than this, and less, holds a
            dot and is empty. The shortest of 1,750 simulated marks had 1.5 mm; dots of dust have 0.5 to 0.9.
        hair_reach_mm, hair_ink_mm2: The same for a fibre of dust: a line of the finest pens of so little ink
            is shorter. Fibres of 1.0 to 1.3 mm have 0.24 to 0.32 mm2, dashes of 1.1 mm 0.58.
        dust_reach_mm, dust_faint_mm2, dust_ink_ratio: A doubtful box whose ink is shorter than this, with no
            more that is faint, holds dust where the ballot's other marks have so much more ink (median,
            this share of it; fibres have 0.12 to 0.16),
        dust_ink_mm2: and it has no more than so much, since in large boxes marks are larger, dust is not; and
        solid_ink_mm2, bilevel_solid_ink_mm2: have so much that the pen is no pale one: of a pale mark no
            more may be seen. In black and white a dot without such marks beside it is doubted.
            Crosses of pale pens had 1.2 to 2.2 mm2, those of others there 3 and more.
        crossing_ink_mm2, crossing_core_share: There also one of so much ink, this share of it in the middle
            half of the box: of a cross in pale ballpoint a scan left 0.24 mm2.
        least_dots: So many of these are doubted in grey and colour too, unless other marks are full.
        least_speck_mm2: In black and white so many boxes with this much ink are doubted too, unless other
            marks are full: of light blue crosses a scan left 0.11 and 0.15 mm2 in two boxes of five, nothing
            in the others. Of 153 clean sheets without full marks none has two such boxes. Beside them so is
            every box with a speck of any size.
        least_grains: And any box with so many separate pieces of ink, however small: of light blue marks a
            scan left three and two of a pixel or two each. Of 71 clean sheets without marks none has such
            a box.
        faint_ink_mm2: Faint ink (pencil, pale pens) above this in an empty box is doubted.
        min_outline: Share of a box's outline that must be there, else the box is doubted,
        max_outline_gap_mm: and the longest piece of it that may be missing: a hole takes more.
        max_tone: A box without ink is doubted when its inside differs from all of the paper around by
            more than this share of white: what lies behind a hole is hardly ever of the paper's tone.
        core_share: Share of a mark's ink that lies in the middle half of the box, or else
        ring_depth_share, ring_reach_share, ring_ink_mm2: it reaches so far one way and the other,
            as shares of the box, and has so much ink, as circles and low ticks do.
        reach_share: A mark is at least so long, as a share of the box.
        overfull_share: A box whose inside is inked beyond this share may be a mark taken back,
        cross_misfit_share: unless two straight bands leave no more ink over, as a share of the box,
        cross_wedges, cross_void_share: with so many pieces of paper between them, the largest with
            room for a circle of this radius, as a share of the box, as a cross in felt pen has;
        fill_spill_mm2, fill_share, fill_void_share: or the ink stays inside the outline but for
            so much, covers no larger share, and leaves so large a circle free.
        least_fills: Filled boxes count where a ballot has so many, and no other marks; else they are doubted,
        fill_ink_ratio: unless they have at most so many times the ink of its other marks (median). Twelve
            simulated crosses scribbled over within their box had 2.3 times and more, drawn ones with a
            scribble over a quarter of the box 1.4, rings of thick pens struck through hardly more than 1.1.
        vote_odds, bilevel_vote_odds: A mark of which rules are not sure counts where the network for marks
            sees a vote with log-odds of so much, and in black and white of so much
        beside_vote_odds: and of so much where strokes lie beside the mark;
        no_vote_odds: none counts in which it sees no vote with so much. Of 182 marks taken back on a
            campaign's ballots in grey and colour it saw none as a vote with more than -1.2, of 134 in black
            and white with more than 0.9; of 2,546 votes that rules were sure of none as no vote with 1 or
            more. Of the votes they were not sure of it saw 116 of 147 and 100 of 261 beyond the first limits.
        heavy_ink_ratio, lone_heavy_ink_ratio: No mark counts that has more than so many times the ink of the
            ballot's others (median), or of its only other; rings are excepted but for those above the second
            limit in black and white: what takes a mark back adds ink.
            Of 350 simulated sheets none has a plain mark above 1.5, of 1,350 drawn plain marks one.
        covering_share: In black and white a mark that covers more of its box than this counts only beside
            others (median) whose ink it has at most `like_ink_ratio` times: of 200 lone crosses scribbled
            over in pale ink 12 looked like one cross of a thick pen, 9 of them so large. It calls a person
            to one in a hundred of the ballots that have marks.
        least_like, like_ink_ratio, like_void_share, like_misfit_share: A mark that fills much of its box, but
            has no third stroke, and leaves room for a circle of this radius, or is two bands but for this
            share of the box, counts beside so many others, if it has at most so many times their ink
            (median): what takes a mark back adds ink.
        like_ring_hollow_share: With so much free paper around its centre such a mark may be a ring, of which
            no two strokes explain the ink.
        light_ink_ratio, light_core_share, light_depth_share: A mark of little ink counts beside others from
            this share of their ink on (median), if so much of it is in the middle half of the box, and it
            reaches so far both ways, as a share of the box. The most ink of a fibre is a third of a mark's.
        like_spill_ratio: Such a mark has no more ink outside its box than this share of that inside.
        low_ink_ratio: A low tick counts beside them from this share of their ink on.
        clear_misfit_share, clear_void_share: the same for a cross with all four pieces of paper;
        ring_hollow_share: A mark with so much free paper around its centre, as a share of the box, is
            a ring, which no scribble leaves.
        third_stroke_share: Ink beyond two strokes of the pen above this share of the box may be a third
            stroke, which strikes a cross out,
        third_near_share: or above this share, what lies closely around the box included,
        small_ring_hollow_share, ring_wedges: unless so much paper is free around its centre and no more
            pieces of paper are left, as by a small ring.
        beside_box_mm2: In black and white an empty box is doubted with a piece of ink of so much on its
            outline or close to it. Ticks on the corners of boxes left 0.71 and more, nothing on 149 boxes of
            nine unmarked ballots more than 0.1, a fibre of dust 0.5.
        rubbed_mm2: A mark is doubted when so much of its box is darker than paper and paler than ink, away
            from its ink: a part was rubbed out. Two crosses half rubbed out had 0.7 and 0.9, of 607 plain
            marks one in pencil 0.11, the others at most 0.03.
        ringed_share: A mark is doubted when ink lies around the outline in this share of all directions.
        two_strokes_share, widest_pen_share: Two strokes are all there is of a mark with no more ink beyond
            them, if its pen was no thicker, as a share of the box.
        shared_ink_mm2, shared_rest_share: The ink of two boxes may be one mark where strokes join so much in
            each, of which two strokes leave no larger share over. Of 135 drawn crosses and ticks over two
            boxes one left more than 0.2; a cross joined with a scribble leaves half.
        linked_ink_mm2: Marks are linked by a stroke that leaves so much ink beyond what pens overrun around
            boxes: a thin one of three millimetres.
        dense_share: In a box inked beyond this share single strokes cannot be told.
        scribble_strokes: So many strokes side by side may be a scribble, unless two bands explain them.
        slant_share, slant_box_mm: A stroke that goes so far both ways, as a share of the box, needs
            less ink in boxes smaller than this, in proportion.
        ring_bearing_share, bilevel_ring_bearing_share: A box without ink is doubted when ink lies near its
            outline in this share of all directions, as a ring's does; ragged outlines have up to half
            (4 of 17,700 clean boxes),
        faint_ring_bearing_share, faint_ring_ink_mm2: or in this share, when so much ink is fainter besides: a
            pencil's ring along the outline had 0.42 and 0.28 mm2. Of 13,600 clean boxes in grey and colour,
            crumpled and torn decks among them, none has both.
        row_ink_mm2: Ink in a write-in row above this is writing,
        row_reach_mm, row_solid_mm2: if one stroke is so long, or there is so much of it; dust is not;
        row_pieces: or it falls into so many pieces, as a pale name in few levels of grey.
        name_error: Largest share of wrong names among the write-in rows that are accepted; 0 sends
            every row to a person.
        outside_ink_mm2: A patch of ink outside all fields above this is doubted.
        outside_free_mm2, over_print_ink_mm2: Of that ink, so much must lie clear of the
            ballot's own print, or so much must lie over it.
        line_ink_mm2, bilevel_line_ink_mm2: Ink over a line of print, such as a candidate's name,
            above this is doubted; black and white shows less of it, since print hides it,
        over_print_reach_mm: if it is so long; dust over print hardly shows.
        pale_line_ink_mm2, pale_line_reach_mm: Of longer ink less is enough: of a pale cross of 2 mm print hid
            all but 0.39 mm2, 1.8 mm long. What dust leaves of so much ink is 1.5 mm long at most.
        paired_ink_mm2, paired_gap_mm: Two such pieces near each other, of so much ink each, and together as
            much as one needs, may be the ends of a cross whose middle print hides.
        pale_weight_mm2, pale_spread_mm: In grey and colour print has pale ink over it where it is darker than
            it should be by as much as so large a black spot, spread so far both ways,
        pale_left_mm2: and by so much when it is laid in short pieces. Light blue crosses of 2.5 mm over names
            weigh 0.08 to 0.3 mm2, and 0.04 and more then, spread by 0.43 mm and more; dust is spread by 0.25,
            fibres by 0.3, and of folds 0.005 is left.
        pale_fold_mm2: It is the step of a level fold where no more is left when the print above and below a
            line is laid by itself, for two such lines next to each other: of folds 0.003 at most, of drawn
            crosses 0.02 and more.
        fibre_length_mm, fibre_width_mm, fibre_ink_mm2: In black and white a fibre of dust is as black as
            ink: what is smaller than this over print is none. Of 28 crosses over names in black and
            white the smallest that was left beside the print was 2.4 by 1.8 mm, with 0.8 mm2.
        blot_mm: But print that is thicker than this with what lies over it (diameter of the largest circle in
            it) is no print with a fibre over it: two crosses over names that passed for fibres had 0.71 and
            0.76, the letters under them 0.25.
        outside_reach_mm, outside_solid_mm2, bilevel_outside_solid_mm2: A patch of ink that is smaller
            than this in both directions, and has less ink, is dust. Curled fibres of 1.5 mm have 1.2 to
            1.6 mm² in black and white, crosses of 2 mm beside their boxes 2.0 and more.
        outside_speck_mm: In black and white two patches of no greater length near each other are dust.
            What is left of a broken-up pale stroke is longer, or more pieces.
        thin_reach_mm, thin_length_mm: In grey and colour a line that reaches and is no longer than this is a
            fibre of dust, if it is
        thin_width_mm, thin_weight_mm: so narrow, and as dark as so narrow a black line. Of 146 small strokes
            of pens those with 0.14 mm of darkness are 0.40 mm wide, those of 0.36 mm have 0.19.
        shown_darkness, shown_reach_mm: Ink no darker than this, as a share of white, shows through the paper
            where strong ink of the other side is so near all of it. Felt pens show through up to 0.2 dark.
        pale_writing_darkness: In grey and colour strokes on free paper are darker than the paper around by
            more than this share of white,
        shown_print_darkness: or by more than this where print or strong ink of the other side may show
            through (print showed by up to 0.07);
        pale_field_darkness: the same in boxes and rows that were read as empty, where nothing else is;
        pale_writing_ink_mm2, pale_writing_across_mm, pale_writing_along_mm: so much of it together, spread so
            far (standard deviation) one way and the other, is writing. Words of 3 to 19 mm in hard pencil and
            light blue had 1.4 mm2 and more, spread by 0.26 and 0.7 mm; folds are spread by 0.25 mm across.
        tint, tint_ink_mm2: Print over which red or blue differ from green by so much more than over the rest,
            in so large an area, has ink in colour over it.
        bright_chroma, bright_ink_mm2: Paper more colourful than the rest by so much, over such an area, has
            highlighter on it: yellow has 100 and more, aged paper under a lamp differs by 20 over a page.
        min_digit_correlation, min_digit_margin: A printed digit is read when its best shape
            correlates at least so well, and better than the second by the margin.
        min_header_correlation: The printed header must agree with the list's at least so well.
        stamp_ink_mm2: Least ink of a stamp; trace_ink_mm2: ink that may be a trace of one.
        stamp_frame_share, stamp_inner_share: A stamp's fitted frame is inked along at least this
            share, and has at least this share of the ink inside it (its text). Of 1,433 groups
            of one to three real handwritten lines none reaches both, 65 reach 0.85 and 0.3.
        stamp_stroke_share: At most this share of the ink inside the frame is in strokes across it. Shapes
            drawn and hatched have 0.85 and more. Of 154 framed impressions of stamps 150 have at most 0.55;
            the others were smeared, and known from other sheets.
        known_stamp_share, known_stamp_pieces: A stamp of the count lies where at least this share of the
            pieces of its print, and so many, are found at their places. Of 3,000 times that one to
            three real handwritten lines, some in a drawn frame, were held to a stamp, the best had 0.21.
        known_stamp_against_share: But not where the page shows other letters at more of its places than this.
            Of 320 stamps, faint, partial, doubled and smeared ones among them, two had more; two of another
            office with one of two lines in common had 0.08 and 0.1.
        known_stamp_differing_share: Nor, where the impression is crisp, strong ink that is not alike at more
            of them than this. Of 265 clear stamps in grey and colour none had more than 0.047, of 65 faint,
            partial, doubled and smeared ones two more than the limit; another office's with one line of four
            of its own had 0.10 to 0.15, comments over a stamp 0.15 to 0.22. In black and white thresholds
            break the letters of one stamp in twenty as much; there the ink beside them tells.
        streak_darkness, streak_share: A scanner streak is so much darker than its surroundings, as
            a share of white, over at least this share of the height of the scan.
        beyond_ink_mm2: Print above or below the ballot from this on is a second sheet's.
        sides_apart_mm: So far apart the two sides lie in their pictures only when two sheets were fed.
        too_long_mm: A picture of no known ballot that is longer than one by this holds two sheets.
        empty_paper_share: Paper of which no larger share is inked has nothing printed on it.
    """

    version: str = "default-1"
    min_anchor_correlation: float = 0.6
    min_anchors: int = 6
    min_agreeing: float = 0.4
    max_residual_mm: float = 0.6
    max_unseen_mm: float = 10.0
    empty_ink_mm2: float = 0.25
    marked_ink_mm2: float = 1.0
    speck_reach_mm: float = 0.95
    speck_ink_mm2: float = 0.55
    hair_reach_mm: float = 1.6
    hair_ink_mm2: float = 0.4
    solid_ink_mm2: float = 2.0
    bilevel_solid_ink_mm2: float = 3.0
    dust_reach_mm: float = 2.3
    dust_faint_mm2: float = 0.7
    dust_ink_ratio: float = 0.2
    dust_ink_mm2: float = 0.5
    crossing_ink_mm2: float = 0.1
    crossing_core_share: float = 0.7
    least_dots: int = 2
    least_speck_mm2: float = 0.08
    least_grains: int = 2
    faint_ink_mm2: float = 0.35
    min_outline: float = 0.5
    ring_hollow_share: float = 0.15
    max_outline_gap_mm: float = 0.35
    max_tone: float = 0.006
    core_share: float = 0.03
    ring_depth_share: float = 0.35
    ring_reach_share: float = 0.65
    ring_ink_mm2: float = 1.4
    reach_share: float = 0.25
    overfull_share: float = 0.425
    cross_void_share: float = 0.07
    fill_spill_mm2: float = 0.03
    fill_share: float = 0.95
    fill_void_share: float = 0.035
    least_fills: int = 2
    fill_ink_ratio: float = 1.1
    vote_odds: float = 4.0
    bilevel_vote_odds: float = 4.5
    beside_vote_odds: float = 7.0
    no_vote_odds: float = 2.0
    heavy_ink_ratio: float = 1.5
    lone_heavy_ink_ratio: float = 1.7
    covering_share: float = 0.57
    least_like: int = 2
    like_ink_ratio: float = 1.2
    like_misfit_share: float = 0.01
    like_ring_hollow_share: float = 0.12
    light_ink_ratio: float = 0.6
    light_core_share: float = 0.3
    light_depth_share: float = 0.2
    like_void_share: float = 0.1
    like_spill_ratio: float = 0.6
    low_ink_ratio: float = 0.5
    third_stroke_share: float = 0.004
    third_near_share: float = 0.025
    two_strokes_share: float = 0.001
    widest_pen_share: float = 0.3
    shared_ink_mm2: float = 0.1
    shared_rest_share: float = 0.3
    linked_ink_mm2: float = 1.0
    dense_share: float = 0.65
    beside_box_mm2: float = 0.6
    rubbed_mm2: float = 0.35
    ringed_share: float = 0.5
    small_ring_hollow_share: float = 0.08
    ring_wedges: int = 3
    scribble_strokes: int = 3
    cross_misfit_share: float = 0.002
    clear_misfit_share: float = 0.006
    clear_void_share: float = 0.15
    cross_wedges: int = 2
    slant_share: float = 0.45
    slant_box_mm: float = 4.2
    ring_bearing_share: float = 0.5
    bilevel_ring_bearing_share: float = 0.6
    faint_ring_bearing_share: float = 0.25
    faint_ring_ink_mm2: float = 0.2
    row_ink_mm2: float = 0.8
    row_reach_mm: float = 2.0
    row_solid_mm2: float = 2.5
    row_pieces: int = 5
    name_error: float = 0.001
    outside_ink_mm2: float = 0.75
    outside_free_mm2: float = 0.3
    over_print_ink_mm2: float = 5.0
    line_ink_mm2: float = 0.6
    bilevel_line_ink_mm2: float = 0.35
    over_print_reach_mm: float = 0.8
    pale_line_ink_mm2: float = 0.3
    pale_line_reach_mm: float = 1.6
    paired_ink_mm2: float = 0.25
    paired_gap_mm: float = 3.0
    pale_weight_mm2: float = 0.04
    pale_left_mm2: float = 0.025
    pale_fold_mm2: float = 0.01
    pale_spread_mm: float = 0.4
    fibre_length_mm: float = 2.05
    fibre_width_mm: float = 1.45
    fibre_ink_mm2: float = 0.9
    blot_mm: float = 0.66
    outside_reach_mm: float = 2.2
    outside_solid_mm2: float = 1.2
    bilevel_outside_solid_mm2: float = 1.7
    outside_speck_mm: float = 1.1
    thin_reach_mm: float = 2.6
    thin_length_mm: float = 4.2
    thin_width_mm: float = 0.325
    thin_weight_mm: float = 0.13
    shown_darkness: float = 0.22
    shown_reach_mm: float = 1.5
    pale_writing_darkness: float = 0.06
    pale_field_darkness: float = 0.035
    shown_print_darkness: float = 0.1
    pale_writing_ink_mm2: float = 1.2
    pale_writing_across_mm: float = 0.25
    pale_writing_along_mm: float = 0.6
    tint: float = 12.0
    tint_ink_mm2: float = 1.5
    tint_in_stamp_ink_mm2: float = 0.5
    bright_chroma: float = 50.0
    bright_ink_mm2: float = 4.0
    min_digit_correlation: float = 0.8
    min_digit_margin: float = 0.06
    min_header_correlation: float = 0.6
    stamp_ink_mm2: float = 25.0
    trace_ink_mm2: float = 4.0
    stamp_frame_share: float = 0.95
    stamp_inner_share: float = 0.35
    stamp_stroke_share: float = 0.6
    known_stamp_share: float = 0.3
    known_stamp_pieces: int = 20
    known_stamp_against_share: float = 0.07
    known_stamp_differing_share: float = 0.08
    streak_darkness: float = 0.06
    streak_share: float = 0.97
    beyond_ink_mm2: float = 6.0
    sides_apart_mm: float = 12.0
    too_long_mm: float = 30.0
    empty_paper_share: float = 0.0015


DEFAULT_PROFILE = Profile()
