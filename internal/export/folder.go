package export

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// save writes the files into a folder, all of them or none. One that is there already is replaced only by force.
func save(folder string, files []file, force bool) error {
	folder = filepath.Clean(folder)
	if err := mayWrite(folder, files, force); err != nil {
		return err
	}
	// Both ways rename within one file system, since the staged files are next to where they go.
	if _, err := os.Lstat(folder); err == nil {
		return stage(folder, files, func(staged string) error { return replace(folder, staged, files) })
	}
	parent := filepath.Dir(folder)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	return stage(parent, files, func(staged string) error { return os.Rename(staged, folder) })
}

// otherConfiguration returns the names of files that engines read together with those that were written: the folder's own, and those in folders with
// files that were written.
func otherConfiguration(folder string, files []file) []string {
	var others []string
	for _, in := range foldersOf(files) {
		for _, pattern := range []string{"*.tf", "*.tf.json", "*.tofu", "*.tofu.json"} {
			names, _ := fs.Glob(os.DirFS(filepath.Join(folder, in)), pattern) // the patterns are well formed
			for _, name := range names {
				if name = path.Join(in, name); !slices.ContainsFunc(files, func(f file) bool { return f.name == name }) {
					others = append(others, name)
				}
			}
		}
	}
	return others
}

// foldersOf returns the folders that the files are in, "." among them, each after the one that it is in.
func foldersOf(files []file) []string {
	folders := []string{"."}
	for _, f := range files {
		folders = append(folders, path.Dir(f.name))
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// stage writes the files into a temporary folder and lets finish put them in their place.
func stage(in string, files []file, finish func(staged string) error) error {
	staged, err := os.MkdirTemp(in, ".cortex-export-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(staged) }()
	if err := os.Chmod(staged, 0o755); err != nil {
		return err
	}
	for _, name := range foldersOf(files) {
		if err := os.MkdirAll(filepath.Join(staged, name), 0o755); err != nil {
			return err
		}
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(staged, f.name), f.content, 0o644); err != nil {
			return err
		}
	}
	return finish(staged)
}

// mayWrite refuses to write over files, unless force.
func mayWrite(folder string, files []file, force bool) error {
	for _, name := range foldersOf(files) {
		if info, err := os.Stat(filepath.Join(folder, name)); err == nil && !info.IsDir() {
			return fmt.Errorf("%s is not a folder", filepath.Join(folder, name))
		}
	}
	var there []string
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(folder, f.name)); err == nil {
			there = append(there, filepath.Join(folder, f.name))
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if len(there) == 0 || force {
		return nil
	}
	names := there
	if len(there) > 10 {
		names = append(there[:10:10], fmt.Sprintf("and %d more", len(there)-10))
	}
	return fmt.Errorf("nothing was written, because there is already:\n  %s\nChoose another folder, or overwrite with -force", strings.Join(names, "\n  "))
}

// replace moves the staged files into a folder. If one cannot be moved, everything is as before.
func replace(folder, staged string, files []file) (err error) {
	old, err := os.MkdirTemp(staged, "old")
	if err != nil {
		return err
	}
	var undo []func() error
	defer func() {
		if err != nil {
			for _, step := range slices.Backward(undo) {
				err = errors.Join(err, step())
			}
		}
	}()
	for _, name := range foldersOf(files) {
		target := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Join(old, name), 0o755); err != nil {
			return err
		}
		switch err := os.Mkdir(target, 0o755); {
		case err == nil:
			undo = append(undo, func() error { return os.Remove(target) })
		case !errors.Is(err, fs.ErrExist):
			return err
		}
	}
	for _, f := range files {
		target, kept := filepath.Join(folder, f.name), filepath.Join(old, f.name)
		switch err := os.Rename(target, kept); {
		case err == nil:
			undo = append(undo, func() error { return os.Rename(kept, target) })
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		if err := os.Rename(filepath.Join(staged, f.name), target); err != nil {
			return err
		}
		undo = append(undo, func() error { return os.Remove(target) })
	}
	return nil
}
